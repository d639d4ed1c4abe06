"""The ledger as figures: right sums, and nothing that a half record can break."""

import json

import pytest

from remediator.core.plan import Change
from remediator.core.serialization import canonical
from remediator.core.text import Text, same
from remediator.core.timestamps import after
from remediator.gates.answers import Permit, Refusal
from remediator.incidents.response_clocks import Moments, four_clocks
from remediator.reports.dashboard.board import ClockTally, Spread, board_of, spread
from tests import samples

NOW = "2026-11-23T12:00:00.000Z"
OPENED = "2026-11-23T03:00:00.000Z"
PLAN = samples.plan()


def record(id="ecs-task-restarting-1", **changes):
    values = {
        "pk": f"incident#{id}",
        "runbook": "ecs_task_restarting",
        "resource": samples.SERVICE_ARN,
        "level": "high",
        "opened_at": OPENED,
        "state": "closed",
        "origin": "event",
    }
    return {**values, **changes}


def asking(id="ecs-task-restarting-1", **asked):
    approval = {"reference": f"{id}-{PLAN.short_hash}", "expires_at": after(NOW, 600), "holds": 0, **asked}
    return record(id, state="asking", asked=json.dumps(approval), plan=canonical(PLAN))


def changed(id="ecs-task-restarting-1", plan=PLAN, **also):
    return record(id, change=canonical(Change(plan=plan, applied_at=OPENED)), **also)


TITLE = Text("Tasks keep restarting", "タスクが再起動を繰り返しています")


def case(*answers):
    return canonical({"title": TITLE, "answers": answers})


def clocks(recovery=None, situation=None):
    return canonical(four_clocks(OPENED, Moments(situation=situation, recovery=recovery), NOW))


def test_an_empty_ledger_is_an_empty_board():
    board = board_of((), NOW)
    assert (board.open, board.ended, board.incidents, board.unread) == ((), (), 0, 0)
    assert (board.first_report, board.recovery) == (None, None)
    assert board.clocks == tuple(ClockTally(name, 0, 0) for name in ("situation", "response", "cause", "recovery"))


@pytest.mark.parametrize(
    ("durations", "expected"),
    [
        ([], None),
        ([None, -5.0], None),
        ([30.0], Spread(1, 30.0, 30.0)),
        ([10.0, 20.0], Spread(2, 10.0, 20.0)),
        ([float(n) for n in range(1, 101)], Spread(100, 50.0, 95.0)),
        ([5.0, None, 1.0, 3.0], Spread(3, 3.0, 5.0)),
    ],
)
def test_percentiles_are_values_that_were_measured(durations, expected):
    assert spread(durations) == expected


def test_times_count_from_the_opening_to_the_first_report_and_to_the_proof():
    found = record(
        told_ask_at=after(OPENED, 90),
        told_first_at=after(OPENED, 40),
        told_final_at=after(OPENED, 900),
        clocks=clocks(recovery=after(OPENED, 840)),
        verdict="fixed",
        closed_at=after(OPENED, 905),
    )
    board = board_of([found], NOW)
    assert board.first_report == Spread(1, 40.0, 40.0)
    assert board.recovery == Spread(1, 840.0, 840.0)


def test_what_did_not_recover_has_no_time_of_recovery():
    assert board_of([record(verdict="not_fixed", closed_at=after(OPENED, 900))], NOW).recovery is None
    well = record(verdict="recovered_without_us", closed_at=after(OPENED, 300))
    assert board_of([well], NOW).recovery == Spread(1, 300.0, 300.0)


def test_verdicts_changes_and_refusals_are_counted_the_most_first():
    board = board_of(
        [
            changed("a-1", verdict="fixed"),
            changed("a-2", verdict="fixed"),
            record(
                "a-3", verdict="not_fixed", case_final=case(Permit("opt_in"), Refusal("change_freeze", same("closed")))
            ),
            record("a-4", verdict="not_fixed", case_update=case(Refusal("kill_switch", same("observe")))),
            record("a-5", verdict="fixed", case_final=case(Refusal("change_freeze", same("closed")))),
        ],
        NOW,
    )
    assert board.incidents == 5
    assert board.verdicts == (("fixed", 3), ("not_fixed", 2))
    assert board.changes == (("ecs_task_restarting", 2),)
    assert board.refusals == (("change_freeze", 2), ("kill_switch", 1))


def test_a_clock_is_met_or_missed_and_one_that_still_runs_is_neither():
    met = record("a-1", clocks=clocks(situation=after(OPENED, 60), recovery=after(OPENED, 600)))
    missed = record("a-2", clocks=clocks(situation=after(OPENED, 600)))
    board = board_of([met, missed], NOW)
    assert board.clocks[0] == ClockTally("situation", 1, 1)
    assert board.clocks[3] == ClockTally("recovery", 1, 1)


def test_only_the_window_counts_and_what_is_open_stands_whatever_its_age():
    old = "2026-11-01T00:00:00.000Z"
    board = board_of(
        [record("a-1", opened_at=old, verdict="fixed"), record("a-2", opened_at=old, state="running")], NOW
    )
    assert (board.incidents, board.verdicts) == (0, ())
    assert [line.id for line in board.open] == ["a-2"]
    assert board.ended == ()


def test_what_a_person_asked_for_is_listed_and_in_no_figure():
    board = board_of([changed("a-1", origin="undo", verdict="fixed"), record("a-2", origin="replay")], NOW)
    assert [line.origin for line in board.ended] == ["undo", "replay"]
    assert (board.incidents, board.verdicts, board.changes) == (0, (), ())


def test_what_became_part_of_another_incident_is_not_told_twice():
    board = board_of([record("a-1", joined="a-2", state="running"), record("a-2", state="running")], NOW)
    assert [line.id for line in board.open] == ["a-2"]


def test_a_question_comes_first_then_the_worst_then_the_oldest():
    later = after(OPENED, 60)
    board = board_of(
        [
            record("low-1", state="running", level="low"),
            record("high-2", state="running", opened_at=later),
            record("high-1", state="running"),
            {**asking("asks-1"), "level": "low"},
        ],
        NOW,
    )
    assert [line.id for line in board.open] == ["asks-1", "high-1", "high-2", "low-1"]


def test_an_open_question_names_its_plan_and_how_long_it_can_be_answered():
    (line,) = board_of([asking()], NOW).open
    assert line.question
    assert line.question.reference == f"ecs-task-restarting-1-{PLAN.short_hash}"
    assert line.question.plan == PLAN.title
    assert line.question.until == after(NOW, 600)
    assert not line.question.held


def test_a_question_that_was_held_can_not_be_held_again():
    (line,) = board_of([asking(holds=1)], NOW).open
    assert line.question
    assert line.question.held


@pytest.mark.parametrize("late", [NOW, "2026-11-23T11:59:59.000Z"])
def test_a_question_whose_time_is_up_is_none(late):
    (line,) = board_of([asking(expires_at=late)], NOW).open
    assert line.question is None


def test_a_change_can_be_undone_once_and_only_where_it_has_an_undo():
    lasting = samples.plan(undo=(), no_undo=same("a restart"))
    board = board_of(
        [
            changed("a-1"),
            changed("a-2", undone="{}"),
            changed("a-3", plan=lasting),
            changed("a-4"),
            record("undo-1", origin="undo", verdict="fixed", incident=canonical(samples.incident(of="a-4"))),
            changed("a-5"),
            record("undo-2", origin="undo", verdict="not_fixed", incident=canonical(samples.incident(of="a-5"))),
        ],
        NOW,
    )
    assert {line.id: line.undoable for line in board.ended if line.change} == {
        "a-1": True,
        "a-2": False,
        "a-3": False,
        "a-4": False,
        "a-5": True,
    }


def test_the_title_is_the_reports_and_before_there_is_one_the_runbooks_name():
    found, bare = board_of(
        [record("a-1", case_first=case(), state="running"), record("a-2", state="running")], NOW
    ).open
    assert found.title.ja == "タスクが再起動を繰り返しています"
    assert bare.title == same("ecs task restarting")


@pytest.mark.parametrize(
    "half",
    [
        {},
        {"pk": "incident#a-1"},
        {"pk": "incident#a-1", "opened_at": "yesterday"},
        {"pk": "incident#a-1", "opened_at": 7},
        {"pk": "slot#a#b", "opened_at": OPENED},
    ],
)
def test_a_record_that_does_not_say_what_it_is_of_is_counted_and_breaks_nothing(half):
    board = board_of([half, record("a-2", verdict="fixed")], NOW)
    assert board.unread == 1
    assert board.verdicts == (("fixed", 1),)


@pytest.mark.parametrize(
    "broken",
    [
        {"change": "{", "clocks": "[", "asked": "null", "case_final": "7", "plan": '"x"'},
        {"change": "[]", "clocks": "{}", "asked": "[1]", "case_final": '{"answers": 7}', "state": "asking"},
        {"change": '{"plan": 7}', "clocks": "[1, null]", "asked": '{"reference": "x"}', "state": "asking"},
        {"change": '{"plan": {"title": 3, "undo": [1]}}', "case_final": '{"answers": [null], "title": {"en": 1}}'},
        {"clocks": '[{"name": "recovery", "state": "met", "at": "soon"}]', "told_first_at": "never", "level": "??"},
        {"asked": '{"reference": "x", "expires_at": "whenever"}', "state": "asking", "incident": "[", "origin": "undo"},
        {"case_final": "[" * 5000, "resource": "no arn at all"},
    ],
)
def test_a_half_record_is_told_as_far_as_it_can_be_read(broken):
    board = board_of([record("a-1", **broken)], NOW)
    assert len((*board.open, *board.ended)) == 1
    assert board.unread == 0


def test_part_of_a_ledger_says_so():
    assert board_of((), NOW).whole
    assert not board_of((), NOW, whole=False).whole
