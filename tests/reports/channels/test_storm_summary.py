"""The message of a storm: figures, names and the command, whatever outside text is in it."""

import json
from dataclasses import replace

import pytest

from remediator.core.settings import Settings
from remediator.core.text import Text
from remediator.incidents.case import Approval, Case
from remediator.incidents.storm import (
    Entry,
    Member,
    Summary,
    entries_of,
    has_grown,
    is_over,
    members_of,
    shard_of,
    speaks_for_itself,
)
from remediator.reports.channels.storm_summary import storm_messages
from tests.samples import NOW, incident

TITLE = Text("ECS tasks restart again and again", "ECS タスクが再起動を繰り返す")


def member(n, **changes):
    found = Member(
        incident=f"i-{n}", runbook="ecs_task_restarting", title=TITLE, workload="portfolio", resource=f"s-{n}"
    )
    return replace(found, **changes)


def summary(*members, kind="begins"):
    return Summary(
        storm="storm-1", kind=kind, began="2026-11-23T03:00:00.000Z", at="2026-11-23T03:20:00.000Z", members=members
    )


def mail(found, language="en"):
    high, _ = storm_messages(found, Settings(language=language))
    return " ".join(json.loads(high.message)["default"].split())


def test_it_counts_what_is_changed_what_waits_and_how_it_ended():
    found = summary(
        member(1, alone=True, state="fixed", changed=(Text("Raise memory", "メモリを増やす"),)),
        member(2, state="asking"),
        member(3, state="not_fixed", workload=""),
        member(4),
        kind="over",
    )
    text = mail(found)
    assert "4 incidents since 03:00 UTC" in text
    assert "By workload: portfolio: 3; no declared workload: 1." in text
    assert "Changed: 1: Raise memory - s-1 (i-1)." in text
    assert "Waits for a person: 2: DECIDE - s-2 (i-2); NOT FIXED - s-3 (i-3)." in text
    assert "FIXED: 1; NOT FIXED: 1; still at work: 2." in text
    assert "remediator incidents --most 200" in text


def test_pagers_get_plain_figures_under_one_key():
    _, pager = storm_messages(summary(member(1, state="not_fixed"), member(2)), Settings())
    parsed = json.loads(pager.message)
    assert (parsed["dedup_key"], parsed["incidents"], parsed["waiting"], parsed["unresolved"]) == ("storm-1", 2, 1, 1)


def test_a_thousand_incidents_fit_into_one_message_that_names_ten():
    found = summary(*(member(n, state="not_fixed") for n in range(1000)))
    high, _ = storm_messages(found, Settings())
    assert len(high.message.encode()) < 20_000
    assert "and 990 more" in mail(found)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_hostile_names_stay_text(language):
    evil = member(1, resource="<!channel> *x* \x1b[31m" + "A" * 5000, workload="`rm`\n@here", state="not_fixed")
    high, _ = storm_messages(summary(evil), Settings(language=language))
    chat = json.loads(json.loads(high.message)["https"])["content"]["description"]
    assert "<!channel>" not in chat
    assert "@here" not in chat
    assert "\x1b" not in high.message
    assert len(chat) <= 2_900


def test_entries_told_twice_or_in_any_order_are_one_member():
    held = Entry(incident="i-1", what="held", runbook="r", title=TITLE, workload="w", resource="s")
    changed = Entry(incident="i-1", what="changed", text=Text("Raise", "増やす"))
    asked, done = Entry(incident="i-1", what="asked"), Entry(incident="i-1", what="ended", text=Text("fixed", "fixed"))
    (found,) = members_of([done, changed, held, asked])
    assert (found.state, found.runbook, found.changed) == ("fixed", "r", (Text("Raise", "増やす"),))
    assert members_of([held, asked])[0].waits


def test_a_question_speaks_for_itself_and_a_plain_report_does_not(case):
    assert not speaks_for_itself(case)
    asks = replace(case, stage="ask", approval=Approval(reference="i-1-12345678", expires_at=case.at))
    assert speaks_for_itself(asks)
    assert [e.what for e in entries_of(asks)] == ["held", "asked"]
    assert speaks_for_itself(replace(case, note=Text("nobody knows whether it was made", "適用されたか不明")))
    assert speaks_for_itself(replace(case, incident=replace(case.incident, origin="undo")))


@pytest.fixture
def case():
    return Case(stage="first", at=NOW, incident=incident(), title=TITLE, symptom=TITLE)


def test_a_storm_is_over_once_it_is_quiet_and_all_have_ended_or_had_their_time():
    open_, done = member(1), member(2, state="fixed")
    assert not is_over((done,), 899, 900)
    assert is_over((done,), 900, 900)
    assert not is_over((open_, done), 900, 900)
    assert is_over((open_, done), 7200, 900)


def test_it_is_told_again_only_where_it_has_doubled():
    assert not has_grown(12, 3, 10)
    assert has_grown(13, 3, 10)
    assert not has_grown(99, 50, 10)
    assert has_grown(100, 50, 10)


def test_incidents_are_spread_over_the_shards():
    assert len({shard_of(f"i-{n}") for n in range(200)}) == 16


def test_it_is_told_on_the_clock_of_the_deployment_and_in_the_language_of_each_topic():
    settings = Settings(language="en", languages={"high": "ja", "pager": "ja"}, zone="Asia/Tokyo")
    high, paged = storm_messages(summary(member(1)), settings)

    assert "12:00 JST (03:00 UTC) 以降のインシデント 1 件" in json.loads(high.message)["default"]
    assert json.loads(paged.message)["summary"].startswith("12:00 JST (03:00 UTC)")
    assert json.loads(paged.message)["opened_at"] == "2026-11-23T03:00:00.000Z"
    assert high.subject == "[STORM] [high] 1 incidents since 12:00 JST (03:00 UTC) (storm-1)"
