"""No channel's limit is passed and nothing acts, whatever a report is made of; the least important goes, never the undo."""

import json
import re
import shlex
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from remediator.core.model import Notice
from remediator.core.plan import Advise, Call
from remediator.core.settings import Settings
from remediator.core.text import same
from remediator.incidents.storm import Member, Summary
from remediator.redaction.redact import CUT, bounded
from remediator.reports.channels.email import email_text
from remediator.reports.channels.mrkdwn import code, fitting, plain
from remediator.reports.channels.notice import notice_message
from remediator.reports.channels.slack import slack_message
from remediator.reports.channels.slack_plain import slack_text
from remediator.reports.channels.storm_summary import storm_messages
from remediator.reports.compose import compose
from tests.prove.hostile_texts import MARKUP, UNSEEN
from tests.prove.shown import HIDDEN, texts
from tests.prove.shown import faults as published_faults
from tests.reports.cases import CASES, CHANGE, FIRST, OOM_FIXED, RAISE, SERVICE
from tests.reports.channel_faults import faults, slack
from tests.reports.hostile_cases import both, worst_cases
from tests.reports.hostile_cases import texts as worst_texts
from tests.reports.notification_schema import faults as notification_faults

LANGUAGES = st.sampled_from(("en", "ja"))
ZONES = st.sampled_from(("UTC", "Asia/Tokyo", "America/Sao_Paulo"))
BOTH = pytest.mark.parametrize("language", ["en", "ja"])
slow = settings(  # the same examples in every run; `make prove` tries thousands of others
    max_examples=12,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate, Phase.shrink],  # to explain a failure takes minutes
)


@slow
@given(worst_cases(), LANGUAGES, ZONES)
def test_the_worst_report_passes_no_limit_and_acts_in_no_channel(case, language, zone):
    assert list(faults(compose(case, Settings(zone=zone)), language)) == []


@BOTH
@pytest.mark.parametrize("name", CASES)
def test_no_ordinary_report_passes_a_limit_either(name, language):
    assert list(faults(compose(CASES[name], Settings()), language)) == []


@BOTH
@pytest.mark.parametrize("count", [1, 2, 9])
@pytest.mark.parametrize("fill", ["x", "'", "😀", "復", '"', "\\"])
def test_an_undo_of_any_size_is_shown_whole_or_by_the_command_that_does_the_same(fill, count, language):
    undo = tuple(
        Call(action="s3:PutBucketPolicy", parameters={"Bucket": "b", "Policy": fill * 20_000}, arn=SERVICE.arn)
        for _ in range(count)
    )
    case = replace(OOM_FIXED, change=replace(CHANGE, plan=replace(RAISE, undo=undo)))
    report = compose(case, Settings())

    assert list(faults(report, language)) == []
    assert report.undo == "remediator undo 3f9a1c2b7d40"


def test_an_undo_of_two_calls_is_never_told_by_one_of_them():
    undo = tuple(
        Call(action="ecs:UpdateService", parameters={"service": "s", "desiredCount": n}, arn=SERVICE.arn)
        for n in (1, 2)
    )
    case = replace(OOM_FIXED, change=replace(CHANGE, plan=replace(RAISE, undo=undo)))

    assert compose(case, Settings()).undo == "remediator undo 3f9a1c2b7d40"


@BOTH
@pytest.mark.parametrize("found", [*MARKUP, *UNSEEN])
def test_each_text_that_wants_to_act_is_only_shown(found, language):
    case = replace(
        OOM_FIXED, title=same(found), symptom=same(f"a {found} b"), note=same(found), stack=found, gaps={found: found}
    )
    report = compose(case, Settings())

    assert list(faults(report, language)) == []


@pytest.mark.parametrize("unseen", UNSEEN)
def test_what_nobody_can_see_is_not_posted_and_stands_in_a_command_by_its_escape(unseen):
    """ANSI escapes, controls, bidi and zero-width signs, tags, private use."""
    policy = f"a{unseen}b"
    call = Call(action="s3:PutBucketPolicy", parameters={"Bucket": "b", "Policy": policy}, arn=SERVICE.arn)
    report = compose(replace(OOM_FIXED, change=replace(CHANGE, plan=replace(RAISE, undo=(call,)))), Settings())

    assert list(faults(report, "en")) == []
    (flag,) = [word for word in shlex.split(report.undo) if word.startswith("{")]
    assert json.loads(flag)["Policy"] == policy
    for _, shown in texts(slack_text(f"x{unseen}", f"y{unseen}", "")):
        assert not HIDDEN.search(shown)


@BOTH
def test_a_command_that_could_end_its_own_code_is_not_shown_in_a_chat(language):
    advised = Advise(same("look"), commands=("echo `id` ``` <!channel>",))
    report = compose(replace(FIRST, decision=advised), Settings())

    assert list(faults(report, language)) == []
    assert "`id`" in email_text(report, language)


@slow
@given(worst_texts, worst_texts, worst_texts, LANGUAGES)
def test_what_is_no_report_passes_no_limit_of_slack_and_acts_neither(subject, text, incident, language):
    message = slack_text(subject, text, incident[:60])

    assert len(message["blocks"]) <= 50
    assert len(message["blocks"][0]["text"]["text"]) <= 150
    for _, shown in texts(message):
        assert len(shown) <= 3_000
        assert "<" not in shown


@slow
@given(st.lists(both, min_size=1, max_size=30), st.sampled_from(("begins", "grows", "over")), LANGUAGES)
def test_a_storm_of_the_worst_texts_keeps_to_every_limit(titles, kind, language):
    members = tuple(
        Member(
            incident=f"i-{n}", runbook=t.en[:40], title=t, workload=t.ja, resource=t.en, state="asking", changed=(t,)
        )
        for n, t in enumerate(titles)
    )
    summary = Summary(storm="storm-1", kind=kind, began=FIRST.at, at=FIRST.at, members=members)
    _published(storm_messages(summary, Settings(language=language)))


@slow
@given(worst_texts, both, LANGUAGES)
def test_a_notice_of_the_worst_texts_keeps_to_every_limit(about, text, language):
    _published((notice_message(Notice("low", about, text), Settings(language=language)),))


def _published(messages):
    assert list(published_faults(messages, ())) == []
    for message in messages:
        if message.structured:
            notification = json.loads(json.loads(message.message)["https"])
            assert list(notification_faults(notification)) == []
            assert "enableCustomActions" not in notification["metadata"]


@given(worst_texts, st.integers(20, 400), st.sampled_from((plain, code)))
def test_no_escape_is_cut_in_two(text, limit, escape):
    found = fitting(text, limit, escape)

    assert len(found) <= limit
    assert not re.search(r"&(?!amp;|lt;|gt;)", found)
    assert found.count("`") in (0, 2)


@given(st.lists(st.text(alphabet="abcé漢か", min_size=1, max_size=12), min_size=1, max_size=80), st.integers(10, 300))
def test_no_word_is_cut_in_two_where_there_is_a_blank_to_cut_at(words, limit):
    text = " ".join(words)
    kept = bounded(text, limit)
    body = kept.removesuffix(CUT)

    assert len(kept) <= limit
    if kept != text and " " in text[limit // 2 + 1 : limit - 1]:
        assert text[len(body)] == " "


@BOTH
def test_a_slack_message_that_is_too_long_says_that_it_was_shortened(language):
    noisy = replace(OOM_FIXED, gaps={f"reading_{n}": "Retryable: " + "slow " * 50 for n in range(30)})
    report = compose(noisy, Settings())

    text = str(slack_message(report, language))
    assert {"en": "left out", "ja": "省略"}[language] in text
    assert list(slack(report, language)) == []


def test_a_notification_with_any_other_field_is_refused_by_the_schema_of_this_test():
    from remediator.reports.channels.amazon_q import chat_message

    message = chat_message(compose(OOM_FIXED, Settings()), "en")
    assert list(notification_faults(message)) == []
    for where in (message, message["content"], message["metadata"], message["metadata"]["additionalContext"]):
        where["callbackId"] = "x"
        assert len(list(notification_faults(message))) == 1
        del where["callbackId"]
    for broken in ({}, {**message, "version": "2.0"}, {**message, "content": {"title": "x"}}):
        assert list(notification_faults(broken))
