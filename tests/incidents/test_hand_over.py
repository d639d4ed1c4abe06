import json

import pytest

from remediator.core.errors import EventNotUnderstood
from remediator.core.model import Signal
from remediator.core.problem_titles import HANDED_OVER_BY
from remediator.core.settings import Settings
from remediator.events import parse_body
from remediator.events.internal import hand_over_event
from remediator.incidents.assessment import assess
from remediator.problems import load_all, route
from remediator.problems.alb_targets_unhealthy import runbook as alb_targets_unhealthy
from remediator.problems.ecs_task_restarting.runbook import RUNBOOK
from remediator.reports.compose import compose
from tests.problems.ecs_task_restarting.samples import evidence, stop
from tests.samples import NOW, SERVICE, incident


def handed_over(**changes):
    event = dict(hand_over_event(incident("alb-1"), "ecs_task_restarting", SERVICE, "targets answer 503", NOW))
    event["detail"] = {**event["detail"], **changes}
    return event


def test_a_hand_over_is_a_signal_for_exactly_the_runbook_that_it_names():
    (signal,) = parse_body(json.dumps(handed_over()))
    assert isinstance(signal, Signal)
    assert (signal.resource, signal.level, signal.at) == (SERVICE, "high", NOW)
    assert route(signal) == "ecs_task_restarting"


def test_the_same_hand_over_told_twice_has_one_key():
    assert parse_body(json.dumps(handed_over()))[0].key == parse_body(json.dumps(handed_over()))[0].key


def test_a_hand_over_to_an_unknown_runbook_starts_nothing():
    (signal,) = parse_body(json.dumps(handed_over(runbook="no_such_runbook")))
    assert route(signal) is None


@pytest.mark.parametrize("torn", [{"resource": {}}, {"level": "urgent"}, {"runbook": ""}, {"incident": 5}])
def test_a_torn_hand_over_is_not_understood(torn):
    with pytest.raises(EventNotUnderstood):
        parse_body(json.dumps(handed_over(**torn)))


def case_of(*stops, came="alb_targets_unhealthy", **changes):
    (signal,) = parse_body(json.dumps(handed_over(**{"from": came}, **changes)))
    return assess(RUNBOOK, incident(signals=(signal,)), evidence(*stops), NOW, Settings())


def test_the_report_says_where_the_trouble_was_noticed():
    case = case_of(stop(1))
    assert "alb_targets_unhealthy: targets answer 503" in case.note.en
    assert (case.title, case.symptom, case.handed_over) == (RUNBOOK.title, RUNBOOK.symptom, None)


def broke(case):
    """The first lines in both languages."""
    (found,) = (b for b in compose(case, Settings()).blocks if b.part == "broke")
    return found.items[0].text


def test_where_no_task_stops_the_first_line_tells_the_symptom_that_was_noticed_and_why_it_was_handed_over():
    case = case_of()
    found = broke(case)
    assert found.en.startswith("Targets fail their health checks, since ")
    assert "Targets answer 503. Cause: not known." in found.en
    assert found.ja.startswith("ターゲットがヘルスチェックに失敗している")
    assert "targets answer 503。原因: 不明。" in found.ja


def test_where_no_task_stops_nothing_of_the_report_says_that_one_did():
    report = compose(case_of(), Settings())
    assert report.title == alb_targets_unhealthy.RUNBOOK.title
    assert "again and again" not in report.subject + report.summary.en
    assert "not seen here: tasks start and stop again soon after" in case_of().note.en


def test_a_stop_that_was_wanted_is_no_restart():
    case = case_of(stop(1, reason="Scaling activity initiated by (deployment ecs-svc/1)"))
    assert case.symptom == alb_targets_unhealthy.RUNBOOK.symptom


def test_what_an_unknown_runbook_handed_over_is_told_in_its_own_words():
    assert broke(case_of(came="still_to_come")).en.startswith("Targets answer 503, since ")


@pytest.mark.parametrize("came", ["alb_targets_unhealthy", "still_to_come"])
def test_a_hand_over_without_a_reason_has_a_symptom_all_the_same(came):
    assert broke(case_of(came=came, why="")).en[0].isupper()


def test_an_incident_that_events_opened_tells_its_own_symptom():
    case = assess(RUNBOOK, incident(), evidence(), NOW, Settings())
    assert (case.symptom, case.note) == (RUNBOOK.symptom, None)


def handing_over(runbook):
    """Whether one of its planners can hand over."""
    planners = {fix.run for cause in runbook.causes for fix in cause.fixes}
    return any("HandOver" in planner.__code__.co_names for planner in planners)


@pytest.mark.parametrize("runbook", [r for r in load_all() if handing_over(r)], ids=lambda r: r.id)
def test_whoever_hands_over_is_known_by_the_names_that_its_own_reports_use(runbook):
    known = HANDED_OVER_BY[runbook.id]
    assert (known.title, known.symptom) == (runbook.title, runbook.symptom)
