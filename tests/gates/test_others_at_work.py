"""Gates that look at others, as pure functions."""

import pytest

from remediator.gates.answers import Ask, Permit, Refusal
from remediator.gates.automation_in_progress import Rollout, automation_in_progress
from remediator.gates.person_at_work import RecentCalls, person_at_work
from remediator.gates.wider_outage import AwsHealth, OpenIssue, wider_outage
from remediator.resources.cloudtrail.history import ApiEvent

NOW = "2026-11-23T03:30:00.000Z"
WINDOW_S = 1800
EARLIER = "2026-11-23T02:00:00.000Z"


def at(minutes_ago):
    return f"2026-11-23T03:{30 - minutes_ago:02d}:00.000Z" if minutes_ago <= 30 else "2026-11-23T02:50:00.000Z"


def call(minutes_ago, kind="person"):
    return ApiEvent(at=at(minutes_ago), name="UpdateService", source="ecs", by="Admin/alice", kind=kind)


def person(*calls, rollouts=(), since=EARLIER, named_at="", ours_at=()):
    return person_at_work(RecentCalls(calls=calls, since=since), rollouts, NOW, WINDOW_S, named_at, ours_at)


@pytest.mark.parametrize("kind", ["person", "pipeline", "unknown"])
def test_a_recent_change_by_others_asks(kind):
    answer = person(call(10, kind))
    assert isinstance(answer, Ask)
    assert "UpdateService 03:20 UTC Admin/alice" in answer.why.en


@pytest.mark.parametrize("calls", [(), (call(40),), (call(1, "service"),), (call(1, "ours"),)])
def test_old_changes_services_and_ourselves_do_not(calls):
    assert isinstance(person(*calls), Permit)


def test_the_change_that_the_cause_names_is_what_is_taken_back_and_no_work_going_on():
    assert isinstance(person(call(10), rollouts=(Rollout(created_at=at(10)),), named_at=at(9)), Permit)
    assert isinstance(person(call(10), call(3), named_at=at(10)), Ask)


def test_a_young_deployment_asks_since_cloudtrail_is_late():
    assert isinstance(person(rollouts=(Rollout(created_at=at(5)),)), Ask)
    assert isinstance(person(rollouts=(Rollout(created_at=at(20)),)), Permit), "by now CloudTrail would have its call"


def test_a_young_deployment_of_our_own_does_not():
    assert isinstance(person(rollouts=(Rollout(created_at=at(5)),), ours_at=(at(6),)), Permit)


def test_a_history_that_begins_too_late_asks():
    assert isinstance(person(since=at(10)), Ask)


@pytest.mark.parametrize(
    ("rollouts", "scaling", "kind"),
    [
        ((), "", Permit),
        ((), "Setting desired count to 4", Refusal),
        ((Rollout(created_at=at(5), going_on=True),), "", Permit),
        ((Rollout(created_at=at(5), rolls_back=True),), "", Permit),
        ((Rollout(created_at=at(5), going_on=True, rolls_back=True),), "", Refusal),
        ((Rollout(created_at=at(5), going_on=True, rolling_back=True),), "", Refusal),
    ],
)
def test_who_is_changing_it_right_now_is_watched(rollouts, scaling, kind):
    assert isinstance(automation_in_progress(rollouts, scaling), kind)


def test_the_deployment_that_the_cause_names_is_no_robot():
    named = (Rollout(created_at=at(5), going_on=True, rolls_back=True),)
    assert isinstance(automation_in_progress(named, "", named_at=at(5)), Permit)


@pytest.mark.parametrize(
    ("ill", "watched", "kind"), [(3, 4, Refusal), (2, 4, Permit), (3, 3, Permit), (6, 10, Refusal)]
)
def test_most_of_the_fleet_ill_means_that_the_cause_is_elsewhere(ill, watched, kind):
    assert isinstance(wider_outage(AwsHealth(), [f"w{n}" for n in range(ill)], watched, ()), kind)


def test_only_issues_of_the_plans_services_count():
    issue = AwsHealth(issues=(OpenIssue(code="AWS_ECS_ISSUE", service="ECS", region="x", since=NOW),))
    assert isinstance(wider_outage(issue, (), 1, ("ECS",)), Refusal)
    assert isinstance(wider_outage(issue, (), 1, ("DYNAMODB",)), Permit)
