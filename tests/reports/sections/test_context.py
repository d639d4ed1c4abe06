"""The two blocks of the background: who changed what, and what the application logged; bounded in every channel."""

import json
from dataclasses import replace

import pytest

from remediator.core.plan import Advise
from remediator.incidents.context import IncidentContext, Noted
from remediator.reports.channels.amazon_q import DESCRIPTION_CHARS, chat_message
from remediator.reports.channels.email import MAIL_CHARS, email_text
from remediator.reports.compose import compose
from remediator.resources.cloudtrail.history import ApiEvent
from remediator.resources.logs.digest import LogDigest, ShapeCount
from tests.reports.cases import HOSTILE_TEXT, OOM_FIXED, SECRET, SETTINGS

AT = "2026-11-23T03:05:00.000Z"
UPDATE = ApiEvent(
    at="2026-11-23T02:41:07Z",
    name="UpdateService",
    source="ecs",
    id="1",
    by="deploy/ci",
    kind="pipeline",
    resources=("arn:aws:ecs:ap-northeast-1:123456789012:service/portfolio-cluster/portfolio-api-service",),
    parameters={"desiredCount": "2", "taskDefinition": "…"},
)
POLICY = ApiEvent(
    at="2026-11-23T02:30:00Z",
    name="PutRolePolicy",
    source="iam",
    by="admin/ann",
    kind="person",
    error_code="AccessDenied",
)
LOG = LogDigest(
    group="/aws/ecs/portfolio-api",
    since="2026-11-23T02:46:00.000Z",
    until=AT,
    events=40,
    errors=14,
    first_at="2026-11-23T02:47:00.000Z",
    last_at="2026-11-23T03:01:00.000Z",
    shapes=(
        ShapeCount(
            shape="s",
            count=13,
            first_at="2026-11-23T02:47:00.000Z",
            last_at="2026-11-23T03:01:00.000Z",
            sample="ERROR user 17 not found",
        ),
        ShapeCount(
            shape="t",
            count=1,
            first_at="2026-11-23T02:50:00.000Z",
            last_at="2026-11-23T02:50:00.000Z",
            sample="ERROR no room",
        ),
    ),
    more_shapes=2,
    trace=("Traceback (most recent call last):", '  File "a.py", line 1, in f', "KeyError: 'X'"),
    trace_at="2026-11-23T02:47:00.000Z",
    trace_stream="api/portfolio-api/4f2c",
)
FULL = IncidentContext(
    at=AT,
    log=LOG,
    calls=(Noted(call=UPDATE, own=True), Noted(call=POLICY, own=False)),
    since="2026-11-23T01:52:10.000Z",
)


def mail(background, language="en", **changes):
    text = email_text(compose(replace(OOM_FIXED, at=AT, background=background, **changes), SETTINGS), language)
    return " ".join(text.split())


def test_who_changed_what_when_and_how_is_one_line_each():
    found = mail(FULL)
    assert "02:41 UTC UpdateService: by deploy/ci (a pipeline) on portfolio-api-service (desiredCount=2)" in found
    assert (
        "02:30 UTC PutRolePolicy: by admin/ann (a person) [permission change] [failed: AccessDenied] [other resource]"
        in found
    )
    assert "calls after 02:50 UTC may be missing" in found


def test_errors_are_told_with_count_and_times_and_the_first_trace_as_it_stands():
    found = mail(FULL)
    assert (
        "14 errors in /aws/ecs/portfolio-api between 02:46 UTC and 03:05 UTC: the first at 02:47 UTC, the last at 03:01 UTC."
        in found
    )
    assert "13 x, from 02:47 UTC to 03:01 UTC: ERROR user 17 not found" in found
    assert "once, at 02:50 UTC: ERROR no room" in found
    assert "2 more kinds of error." in found
    assert "First stack trace, at 02:47 UTC in api/portfolio-api/4f2c: Traceback (most recent call last): File" in found


def test_a_trace_that_is_quoted_already_is_not_told_twice():
    assert mail(FULL, decision=Advise(OOM_FIXED.title, quote=LOG.trace)).count("KeyError: 'X'") == 1


def test_nothing_found_is_said():
    nothing = IncidentContext(at=AT, log=replace(LOG, errors=0, shapes=(), more_shapes=0, trace=()), since=FULL.since)
    found = mail(nothing)
    assert "tells of no change of these resources" in found
    assert "No error in /aws/ecs/portfolio-api between 02:46 UTC and 03:05 UTC (40 events looked at)." in found


def test_what_could_not_be_read_is_said_with_why_and_is_no_nothing_found():
    found = mail(IncidentContext(at=AT, log_gap="Denied: logs", history_gap="Denied: trail"))
    assert "The log could not be read: Denied: logs." in found
    assert "CloudTrail could not be read: Denied: trail." in found
    assert "no change of" not in found
    assert "No error in" not in found


def test_what_was_cut_is_said():
    found = mail(
        replace(FULL, log=replace(LOG, complete=False, cut="4 requests"), cut=("the newest 300",), more_calls=7)
    )
    assert "Not all was read: 4 requests." in found
    assert "Not all was read: the newest 300." in found
    assert "7 more are in CloudTrail." in found


def test_japanese_tells_the_same():
    found = mail(FULL, "ja")
    for part in (
        "直前 1 時間の変更",
        "deploy/ci（パイプライン）",
        "14 件のエラー",
        "最初のスタックトレース",
        "権限の変更",
        "失敗: AccessDenied",
    ):
        assert part in found


def test_a_case_without_background_has_neither_block():
    parts = [b.part for b in compose(OOM_FIXED, SETTINGS).blocks]
    assert "changed" not in parts
    assert "logged" not in parts


HOSTILE = IncidentContext(
    at=AT,
    log=replace(
        LOG,
        group=HOSTILE_TEXT,
        shapes=(replace(LOG.shapes[0], sample=HOSTILE_TEXT),) * 5,
        trace=(HOSTILE_TEXT,) * 40,
        complete=False,
        cut=HOSTILE_TEXT,
        trace_stream=HOSTILE_TEXT,
    ),
    calls=(
        Noted(
            call=replace(
                UPDATE, name=HOSTILE_TEXT, by=HOSTILE_TEXT, error_code=HOSTILE_TEXT, resources=(HOSTILE_TEXT,)
            ),
            own=True,
        ),
    )
    * 12,
    since=FULL.since,
    cut=(HOSTILE_TEXT,) * 3,
    history_gap=HOSTILE_TEXT,
)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_hostile_text_in_it_stays_bounded_redacted_and_inert(language):
    report = compose(replace(OOM_FIXED, at=AT, background=HOSTILE), SETTINGS)
    text, chat = email_text(report, language), chat_message(report, language)
    assert len(text) <= MAIL_CHARS
    assert len(chat["content"]["description"]) <= DESCRIPTION_CHARS
    whole = text + json.dumps(chat, ensure_ascii=False)
    assert SECRET not in whole
    assert "hunter2" not in whole
    assert "\x1b" not in whole
    assert not any(line.startswith("UNDO     rm") for line in text.splitlines())


def test_where_room_is_short_it_goes_before_cause_undo_and_what_could_not_be_checked():
    report = compose(replace(OOM_FIXED, at=AT, background=HOSTILE), SETTINGS)
    priority = {b.part: b.priority for b in report.blocks}
    assert priority["changed"] > priority["cause"]
    assert priority["logged"] > priority["cause"]
    assert remains(report, "undo")


def remains(report, part):
    title = next(b.title.en for b in report.blocks if b.part == part)
    return title in chat_message(report, "en")["content"]["description"]
