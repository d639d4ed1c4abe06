"""What is published: two messages, within SNS's limits, with a subject that mail takes."""

import json
from dataclasses import replace

import pytest

from remediator.core.model import Notice, Resource
from remediator.core.settings import Settings
from remediator.core.text import Text
from remediator.reports.blocks import PRIORITY, Quote
from remediator.reports.channels.json_report import report_json
from remediator.reports.channels.notice import notice_message
from remediator.reports.channels.sns import MESSAGE_BYTES, sns_messages, structured
from remediator.reports.compose import ascii_subject, compose
from tests.reports.cases import CASES, FIRST, HOSTILE_TEXT, INCIDENT, OOM_FIXED, SECRET, SETTINGS
from tests.reports.reports import REPORTS

EACH = pytest.mark.parametrize("name", REPORTS)
PAGER_KEYS = {
    "incident", "dedup_key", "level", "stage", "status", "verdict", "runbook", "cause", "resource", "resource_kind",
    "region", "account", "summary", "action", "opened_at", "at", "reference", "undo",
}  # fmt: skip


@EACH
def test_a_report_goes_to_the_topic_of_its_level_and_to_the_pagers(name):
    found, paged = sns_messages(REPORTS[name], SETTINGS)

    assert (found.topic, found.structured, paged.topic, paged.structured) == ("high", True, "pager", False)
    assert set(json.loads(found.message)) == {"default", "https", "sqs"}
    assert json.loads(json.loads(found.message)["https"])["source"] == "custom"


@EACH
def test_a_queue_gets_the_whole_report_as_json_in_the_language_of_the_topic(name):
    found, _ = sns_messages(REPORTS[name], Settings(language="ja"))

    assert json.loads(json.loads(found.message)["sqs"]) == report_json(REPORTS[name], ("ja",))


def test_json_without_room_leaves_out_the_least_important_blocks_and_says_how_many():
    report = REPORTS["out_of_memory_fixed"]
    long = tuple(
        replace(b, items=(Quote("x" * 120_000),)) if b.part in {"evidence", "ruled_out", "done"} else b
        for b in report.blocks
    )

    message = sns_messages(replace(report, blocks=long), SETTINGS)[0].message
    parsed = json.loads(json.loads(message)["sqs"])

    assert len(message.encode()) <= MESSAGE_BYTES
    kept = {b["part"] for b in parsed["blocks"]}
    gone = {b.part for b in long} - kept
    assert {"evidence", "ruled_out"} <= gone
    assert min(PRIORITY[p] for p in gone) > max(PRIORITY[p] for p in kept)
    assert (parsed["left_out"], parsed["undo"]) == (len(gone), report.undo)


@EACH
def test_subjects_are_printable_ascii_under_100_characters_and_begin_with_the_status(name):
    for message in sns_messages(REPORTS[name], SETTINGS):
        assert 0 < len(message.subject) < 100
        assert message.subject.isascii()
        assert message.subject.isprintable()
        assert message.subject.startswith(f"[{REPORTS[name].status.en}] [high] ")
        assert REPORTS[name].incident in message.subject


def test_subjects_stay_english_where_the_mail_is_japanese():
    found, _ = sns_messages(REPORTS["out_of_memory_fixed"], Settings(language="ja"))

    assert found.subject.startswith("[FIXED]")
    assert "復旧" in json.loads(found.message)["default"]


@pytest.mark.parametrize("text", ["x" * 400, "復旧" * 90, "a\nb\r\tc", "word " * 60, ""])
def test_whatever_is_told_the_subject_is_one_that_sns_takes(text):
    subject = ascii_subject(f"[FIXED] {text}", " (3f9a1c2b)")

    assert subject.isascii()
    assert subject.isprintable()
    assert len(subject) < 100
    assert subject.endswith(" (3f9a1c2b)")


@EACH
def test_messages_and_attributes_keep_to_the_limits_of_sns(name):
    for language in ("en", "ja"):
        for message in sns_messages(REPORTS[name], Settings(language=language)):
            attributes = sum(len(k) + len(v) for k, v in message.attributes.items())
            assert len(message.message.encode()) + attributes < 256 * 1024
            assert len(message.attributes) <= 10
            assert all(message.attributes.values())


def test_a_mail_too_large_for_sns_is_shortened_between_lines_and_the_chat_form_stays():
    text = structured("復旧しました。\n" * 40_000, '{"chat": 1}')

    assert len(text.encode()) <= MESSAGE_BYTES
    assert json.loads(text)["https"] == '{"chat": 1}'
    assert json.loads(text)["default"].endswith("復旧しました。")


@EACH
def test_the_pager_body_has_the_same_keys_for_every_incident(name):
    body = json.loads(sns_messages(REPORTS[name], SETTINGS)[1].message)

    assert set(body) == PAGER_KEYS
    assert body["dedup_key"] == body["incident"] == REPORTS[name].incident
    assert SECRET not in json.dumps(body)


def test_the_pager_learns_the_verdict_and_the_exact_undo():
    body = json.loads(sns_messages(REPORTS["out_of_memory_fixed"], SETTINGS)[1].message)

    assert (body["verdict"], body["region"], body["account"]) == ("fixed", "ap-northeast-1", "123456789012")
    assert body["undo"].startswith("aws ecs update-service --cluster portfolio-cluster ")


def test_nothing_that_was_not_changed_is_offered_for_undoing():
    for name in ("untagged", "kill_switch_off", "approval_open", "made_worse_and_undone", "no_undo", "watching"):
        assert REPORTS[name].undo is None


@pytest.mark.parametrize(
    "arn", ["", "not-an-arn", "arn:aws:ecs:$(touch x):1:service/a;b", "arn:aws:ecs:r:1:\n\x1b[2J" + "z" * 9000]
)
def test_a_resource_with_a_strange_name_still_ends_in_a_report(arn):
    incident = replace(INCIDENT, resource=Resource("ecs_service", arn))

    found, paged = sns_messages(compose(replace(FIRST, incident=incident), SETTINGS), SETTINGS)

    assert "\x1b" not in found.message + paged.message
    assert "--region $(touch" not in found.message


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_notice_says_that_nothing_was_done(language, snapshot):
    notice = Notice(
        "medium",
        "arn:aws:cloudwatch:ap-northeast-1:123456789012:alarm:billing",
        Text("Alarm without runbook", "対応する項目のないアラーム"),
    )

    message = notice_message(notice, Settings(language=language))

    assert (message.topic, message.structured) == ("medium", True)
    assert json.loads(message.message) == snapshot


def test_a_hostile_notice_keeps_to_the_same_limits():
    message = notice_message(Notice("high", HOSTILE_TEXT, Text(HOSTILE_TEXT, HOSTILE_TEXT)), SETTINGS)

    assert len(message.subject) < 100
    assert message.subject.isascii()
    assert len(json.loads(json.loads(message.message)["https"])["content"]["description"]) < 3000
    assert SECRET not in message.message


def test_the_same_case_gives_the_same_messages():
    for case in CASES.values():
        assert sns_messages(compose(case, SETTINGS), SETTINGS) == sns_messages(compose(case, SETTINGS), SETTINGS)


def test_the_report_names_the_stack_that_would_erase_the_change():
    mail = json.loads(sns_messages(compose(OOM_FIXED, SETTINGS), SETTINGS)[0].message)["default"]

    assert "CloudFormation stack portfolio-prod owns this resource" in mail
    assert "To keep it, change there: Memory of the AWS::ECS::TaskDefinition." in mail
