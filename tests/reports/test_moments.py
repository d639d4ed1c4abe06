"""Moments: on the reader's clock with UTC beside it, in each place where a report names one."""

import json
import re
from dataclasses import replace

import pytest

from remediator.core.settings import Settings
from remediator.core.text import Text
from remediator.reports.channels.amazon_q import chat_message
from remediator.reports.channels.email import email_text
from remediator.reports.channels.sns import sns_messages
from remediator.reports.compose import compose
from remediator.reports.moments import clock, clock_with, exact, within
from tests.reports.cases import CASES, OOM_FIXED

TOKYO = Settings(zone="Asia/Tokyo")
AT = "2026-11-23T03:02:10.000Z"
LATE = "2026-11-23T15:30:00.000Z"  # past midnight in Tokyo
BOTH = pytest.mark.parametrize("language", ["en", "ja"])
BARE = re.compile(r"(?<!\()(?<!= )(?<!\d-\d\d )\b\d\d:\d\d UTC")  # a moment of UTC that stands for itself


@pytest.mark.parametrize(
    ("at", "beside", "zone", "found"),
    [
        (AT, AT, "UTC", "03:02 UTC"),
        (AT, "", "UTC", "2026-11-23 03:02 UTC"),
        (AT, AT, "Asia/Tokyo", "12:02 JST (03:02 UTC)"),
        (AT, "", "Asia/Tokyo", "2026-11-23 12:02 JST (03:02 UTC)"),
        (LATE, AT, "UTC", "15:30 UTC"),
        (LATE, AT, "Asia/Tokyo", "2026-11-24 00:30 JST (11-23 15:30 UTC)"),
        (LATE, LATE, "Asia/Tokyo", "00:30 JST (11-23 15:30 UTC)"),
        ("2026-07-01T12:00:00Z", "2026-07-01T01:00:00Z", "Europe/Berlin", "14:00 CEST (12:00 UTC)"),
        ("2026-12-01T12:00:00Z", "2026-12-01T01:00:00Z", "Europe/Berlin", "13:00 CET (12:00 UTC)"),
        ("2026-12-01T12:00:00Z", "2026-12-01T01:00:00Z", "Europe/London", "12:00 UTC"),
        ("2026-07-01T12:00:00Z", "2026-07-01T11:00:00Z", "Europe/London", "13:00 BST (12:00 UTC)"),
        (AT, AT, "America/Sao_Paulo", "00:02 UTC-03 (03:02 UTC)"),
        (AT, AT, "Asia/Kathmandu", "08:47 UTC+0545 (03:02 UTC)"),
        ("2026-11-23T12:02:10+09:00", AT, "UTC", "03:02 UTC"),
        ("soon", AT, "Asia/Tokyo", "soon"),
        (AT, "soon", "Asia/Tokyo", AT),
    ],
)
def test_a_moment_is_told_on_the_readers_clock_with_utc_beside(at, beside, zone, found):
    assert clock(at, beside, zone) == found


@pytest.mark.parametrize(
    ("at", "zone", "found"),
    [
        (AT, "UTC", "2026-11-23 03:02:10 UTC"),
        (AT, "Asia/Tokyo", "2026-11-23 12:02:10 JST (03:02:10 UTC)"),
        (LATE, "Asia/Tokyo", "2026-11-24 00:30:00 JST (11-23 15:30:00 UTC)"),
        (AT, "America/Sao_Paulo", "2026-11-23 00:02:10 UTC-03 (03:02:10 UTC)"),
        ("soon", "Asia/Tokyo", "soon"),
    ],
)
def test_a_moment_to_the_second_has_utc_beside_it_too(at, zone, found):
    assert exact(at, zone) == found


def test_within_parentheses_no_second_pair_is_opened():
    assert within(AT, AT, "Asia/Tokyo") == "12:02 JST = 03:02 UTC"
    assert within(AT, AT) == "03:02 UTC"
    aside = Text("for 4 min now", "継続 4 分")
    assert clock_with(AT, aside, AT, "Asia/Tokyo") == Text(
        "12:02 JST (03:02 UTC; for 4 min now)", "12:02 JST（03:02 UTC、継続 4 分）"
    )
    assert clock_with(AT, aside, AT) == Text("03:02 UTC (for 4 min now)", "03:02 UTC（継続 4 分）")


@BOTH
@pytest.mark.parametrize("name", [n for n in CASES if n != "hostile"])
def test_wherever_a_report_names_a_moment_of_utc_the_local_one_stands_before_it(name, language):
    report = compose(CASES[name], TOKYO)
    mail = " ".join(email_text(report, language).split())
    description = chat_message(report, language)["content"]["description"]

    assert "JST" in mail
    assert BARE.findall(mail) == []
    assert BARE.findall(description) == []
    assert ") (" not in re.sub(r"\) \(\w+\)", "", mail.split("-----")[0])  # no two pairs of parentheses in a row


@BOTH
def test_a_report_for_tokyo_reads_as_it_did_when_it_was_last_looked_at(language, snapshot):
    assert email_text(compose(OOM_FIXED, TOKYO), language) == snapshot


def test_machines_read_utc_whatever_people_read():
    paged = sns_messages(compose(OOM_FIXED, TOKYO), TOKYO)[1]
    assert json.loads(paged.message)["at"] == OOM_FIXED.at


def test_the_same_case_has_the_same_plan_and_reference_in_every_zone():
    for case in CASES.values():
        there, here = compose(case, TOKYO), compose(case, Settings())
        assert (there.reference, there.undo) == (here.reference, here.undo)


def test_each_topic_is_written_in_its_own_language():
    settings = Settings(language="en", languages={"high": "ja", "pager": "ja"})
    found, paged = sns_messages(compose(OOM_FIXED, settings), settings)
    low = replace(OOM_FIXED, incident=replace(OOM_FIXED.incident, level="low"))
    quiet, _ = sns_messages(compose(low, settings), settings)

    assert "復旧" in json.loads(found.message)["default"].splitlines()[0]
    assert "復旧" in json.loads(json.loads(found.message)["https"])["content"]["title"]
    assert json.loads(paged.message)["summary"].startswith("復旧: ")
    assert json.loads(paged.message)["status"] == "FIXED"
    assert json.loads(quiet.message)["default"].startswith("FIXED [low]")


def test_pagers_are_told_in_english_unless_their_topic_has_a_language():
    paged = sns_messages(compose(OOM_FIXED, Settings()), Settings(language="ja"))[1]

    assert json.loads(paged.message)["summary"].startswith("FIXED: ")
