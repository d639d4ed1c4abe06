"""Slack Block Kit: what ten seconds must show stands first, the incident's id at the end, and nothing acts."""

import json

import pytest

from remediator.core.settings import Settings
from remediator.reports.channels.slack import slack_message, texts_of
from remediator.reports.channels.slack_plain import slack_text
from remediator.reports.compose import compose
from tests.reports.cases import OOM_FIXED
from tests.reports.reports import REPORTS

BOTH = pytest.mark.parametrize("language", ["en", "ja"])
SHOWN_WHOLE = ("out_of_memory_fixed", "approval_open", "not_fixed", "watching", "escalated_question", "hostile")
LABELS = {"en": ["BROKE", "DONE", "PROOF", "UNDO", "LEFT"], "ja": ["障害", "対応", "確認", "取消", "残件"]}


@BOTH
@pytest.mark.parametrize("name", SHOWN_WHOLE)
def test_the_message_reads_as_it_did_when_it_was_last_looked_at(name, language, snapshot):
    assert "\n\n".join(texts_of(slack_message(REPORTS[name], language))) == snapshot


def test_the_message_is_made_as_slack_documents_it(snapshot):
    assert json.dumps(slack_message(REPORTS["kill_switch_off"], "en"), indent=1) == snapshot


@BOTH
@pytest.mark.parametrize("name", REPORTS)
def test_the_first_sections_answer_the_five_questions_in_order(name, language):
    blocks = slack_message(REPORTS[name], language)["blocks"]
    first = [b["text"]["text"].split("*")[1] for b in blocks[1 : [b["type"] for b in blocks].index("divider")]]

    assert [label for label in first if label in LABELS[language]] == LABELS[language]


@BOTH
@pytest.mark.parametrize("name", REPORTS)
def test_the_footer_names_the_incident_and_every_text_is_verbatim(name, language):
    message = slack_message(REPORTS[name], language)

    assert REPORTS[name].incident in message["blocks"][-1]["elements"][0]["text"]
    texts = [e for b in message["blocks"] for e in (b.get("text"), *b.get("elements", ())) if e]
    assert all(t["verbatim"] for t in texts if t["type"] == "mrkdwn")
    assert [t["type"] for t in texts if t["type"] != "mrkdwn"] == ["plain_text"]


def test_moments_stand_on_the_clock_of_the_zone():
    message = slack_message(compose(OOM_FIXED, Settings(zone="Asia/Tokyo")), "ja")

    assert "2026-11-23 11:52 JST (02:52 UTC) / 12:06 JST (03:06 UTC)" in list(texts_of(message))[-2]


def test_an_alarm_of_the_product_itself_is_told_by_its_meaning_and_its_reason():
    alarm = {
        "AlarmName": "Remediator-OwnAlarms-IntakeDead",
        "AlarmDescription": "Remediator: messages that intake could not handle wait in the dead-letter queue",
        "NewStateValue": "ALARM",
        "NewStateReason": "Threshold Crossed: 1 datapoint [1.0] was greater than the threshold (0.0).",
        "AlarmArn": "arn:aws:cloudwatch:ap-northeast-1:123456789012:alarm:x",
    }
    title, *found = texts_of(slack_text('ALARM: "x" in Asia Pacific (Tokyo)', json.dumps(alarm), ""))

    assert title == "ALARM: Remediator-OwnAlarms-IntakeDead"
    assert found == ["\n".join((alarm["AlarmDescription"], alarm["NewStateReason"], alarm["AlarmArn"]))]


def test_a_notification_made_for_chat_is_told_by_its_title_and_its_text():
    chat = {
        "version": "1.0",
        "source": "custom",
        "content": {"title": "NOT FINISHED", "description": "An execution ended."},
    }

    assert list(texts_of(slack_text("", json.dumps(chat), "i-1"))) == ["NOT FINISHED", "An execution ended.", "i-1"]


@pytest.mark.parametrize("text", ["", "\n\n", "[]", "7", "{", '{"content": 7}', "null"])
def test_whatever_a_message_holds_something_is_posted(text):
    message = slack_text("", text, "")

    assert message["blocks"][0]["text"]["text"]
    assert message["text"]
