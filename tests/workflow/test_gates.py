"""Gates on the laptop: real handlers, and what reaches the account and people when one of them speaks."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from remediator.aws import runtime as product
from remediator.core.model import Incident, Resource
from remediator.core.plan import Change
from remediator.core.serialization import from_json
from remediator.core.settings import Workload
from remediator.core.timestamps import after, iso
from remediator.ledger.change_lock import ChangeLock
from remediator.ledger.workload_health import WorkloadHealth
from sandbox import applications as programs
from sandbox import names
from sandbox.cloudtrail.people import ALICE
from sandbox.laptop import Act, Laptop
from sandbox.outcome import ended
from sandbox.wire import AwsError

CALENDAR = "portfolio-freeze"


@pytest.fixture
def laptop():
    with Laptop() as opened:
        yield opened


def leak(laptop):
    laptop.world.run_service()
    laptop.world.fall_ill(programs.LEAKS)
    laptop.run()


def declare(laptop, **settings):
    laptop.runtime = replace(laptop.runtime, settings=replace(laptop.runtime.settings, **settings))
    product.install(laptop.runtime)


def calendar(laptop, answer):
    declare(laptop, freeze_calendars=(CALENDAR,))
    laptop.world.fake("ssm", {"GetCalendarState": answer})


def final_report(laptop):
    return [r for r in laptop.reports if r.level != "pager"][-1]


def told(report):
    return " ".join(report.mail.split())


def test_while_the_calendar_is_closed_nothing_is_changed_and_the_report_says_until_when(laptop):
    calendar(laptop, lambda _: {"State": "CLOSED", "NextTransitionTime": "2026-11-24T09:00:00Z"})
    leak(laptop)
    assert laptop.world.writes == ()
    assert ended(laptop).refusal == "change_freeze"
    assert "the change calendar is closed until 2026-11-24T09:00:00Z" in told(final_report(laptop))


def test_an_open_calendar_lets_the_change_through(laptop):
    calendar(laptop, lambda asked: {"State": "OPEN"} if asked["CalendarNames"] == [CALENDAR] else {})
    leak(laptop)
    assert ended(laptop).verdict == "fixed"
    assert ended(laptop).fixes == 1


def test_a_calendar_that_cannot_be_read_asks_a_person_and_without_one_changes_nothing(laptop):
    def denied(_):
        raise AwsError("AccessDeniedException", "not authorized to perform: ssm:GetCalendarState")

    calendar(laptop, denied)
    leak(laptop)
    assert laptop.world.writes == ()
    asked = next(r for r in laptop.reports if r.level != "pager" and "APPROVE" in r.mail.upper())
    assert "ssm:GetCalendarState" in told(asked)


def first_change(laptop):
    """The change that the program makes of its own accord, and everything ended."""
    leak(laptop)
    record = laptop.records()[0]
    assert record["change_state"] == "applied"
    return record


def test_what_was_changed_is_remembered_with_how_it_ended(laptop):
    record = first_change(laptop)
    with laptop.world.behind_the_scenes():
        (item,) = ChangeLock(laptop.runtime)._table.beginning_with("attempts#")
    (attempt,) = item["attempts"]
    assert attempt.split(" ")[1:] == ["fixed", record["pk"].removeprefix("incident#")]


def strike(laptop, plan, incident, days_ago):
    at = after(iso(laptop.clock.now()), -days_ago * 86400)
    past = replace(incident, id=f"earlier-{days_ago}")
    with laptop.world.behind_the_scenes():
        ChangeLock(laptop.runtime).remember(past, Change(plan=plan, applied_at=at), "fixed")


@pytest.fixture(scope="module")
def planned():
    """The plan of a leaking service, and its incident, as one run on a machine of its own makes them."""
    with Laptop() as opened:
        record = first_change(opened)
        change = from_json(Change, json.loads(record["change"]))
        return change.plan, from_json(Incident, json.loads(record["incident"]))


def test_what_came_back_three_times_is_left_alone_and_told_on_the_high_topic_with_its_history(planned, laptop):
    for days_ago in (1, 2, 3):
        strike(laptop, *planned, days_ago)
    leak(laptop)
    assert laptop.world.writes == ()
    assert ended(laptop).refusal == "loop_breaker"
    last = final_report(laptop)
    assert last.level == "high"
    assert "earlier-3" in told(last)


def test_two_strikes_do_not_stop_a_change(planned, laptop):
    for days_ago in (1, 2):
        strike(laptop, *planned, days_ago)
    leak(laptop)
    assert ended(laptop).fixes == 1


def test_the_switch_is_the_last_thing_read_before_the_right_is_taken(laptop):
    leak(laptop)
    sent = [f"{r.service}:{r.operation}" for r in laptop.world.requests]
    taken = sent.index("sts:AssumeRole") - 1
    assert sent[taken - 1 : taken + 1] == ["ssm:GetParameter", "dynamodb:TransactWriteItems"]


@pytest.mark.parametrize("said", ["off", "observe"])
def test_a_switch_that_is_not_on_takes_no_right(laptop, said):
    laptop.world.switch(said)
    leak(laptop)
    assert ended(laptop).refusal == "kill_switch"
    assert "change_state" not in laptop.records()[0]
    assert laptop.world.writes == ()


def open_issue(service="ECS"):
    values = {"service": service, "eventTypeCode": f"AWS_{service}_OPERATIONAL_ISSUE", "region": "ap-northeast-1"}
    return lambda asked: {"events": [values]} if asked["filter"]["eventStatusCodes"] == ["open"] else {"events": []}


def test_while_aws_itself_has_an_issue_nothing_is_changed_and_people_are_called(laptop):
    declare(laptop, aws_health=True)
    laptop.world.fake("health", {"DescribeEvents": open_issue()})
    leak(laptop)
    assert laptop.world.writes == ()
    assert ended(laptop).refusal == "wider_outage"
    assert "AWS_ECS_OPERATIONAL_ISSUE" in told(final_report(laptop))
    assert final_report(laptop).level == "high"


def test_an_issue_of_a_service_that_the_plan_is_not_about_holds_nothing_up(laptop):
    declare(laptop, aws_health=True)
    laptop.world.fake("health", {"DescribeEvents": open_issue("CLOUDFRONT")})
    leak(laptop)
    assert ended(laptop).fixes == 1


def test_an_account_without_the_health_api_is_told_so_and_helped_all_the_same(laptop):
    def refused(_):
        raise AwsError("SubscriptionRequiredException", "AWS Support plan needed")

    declare(laptop, aws_health=True)
    laptop.world.fake("health", {"DescribeEvents": refused})
    leak(laptop)
    assert ended(laptop).fixes == 1
    assert "SubscriptionRequiredException" in told(final_report(laptop))


def declare_four(laptop, *ill):
    mine = laptop.runtime.settings.workloads[0]
    others = tuple(Workload(name=n, cluster="shop-cluster", service=n) for n in ("shop", "search", "mail"))
    declare(laptop, workloads=(mine, *others))
    with laptop.world.behind_the_scenes():
        for name in ill:
            now = iso(laptop.clock.now())
            service = Resource("ecs_service", f"arn:aws:ecs:ap-northeast-1:123456789012:service/shop-cluster/{name}")
            incident = Incident(
                id=f"{name}-1", runbook="x", resource=service, level="high", opened_at=now, signals=(), workload=name
            )
            WorkloadHealth(laptop.runtime).begins(incident)


def test_where_most_of_what_is_watched_is_ill_nothing_is_changed_and_people_are_called(laptop):
    declare_four(laptop, "shop", "search")
    leak(laptop)
    assert laptop.world.writes == ()
    assert ended(laptop).refusal == "wider_outage"
    assert "3 of 4 watched workloads are ill" in told(final_report(laptop))
    assert final_report(laptop).level == "high"


def test_half_of_what_is_watched_is_not_most_of_it_and_what_is_over_counts_no_more(laptop):
    declare_four(laptop, "shop")
    leak(laptop)
    assert ended(laptop).fixes == 1
    with laptop.world.behind_the_scenes():
        assert WorkloadHealth(laptop.runtime).ill(iso(laptop.clock.now())) == ("shop",)


def question(laptop):
    return next(r for r in laptop.reports if r.level != "pager" and "APPROVE" in r.mail.upper())


def test_after_somebodys_change_a_person_is_asked_and_told_who_it_was(laptop):
    laptop.world.run_service()
    laptop.world.account.tell_count(names.SERVICE, 3, ALICE)
    leak(laptop)
    assert laptop.world.writes == ()
    assert "UpdateService" in told(question(laptop))
    assert "alice@example.com" in told(question(laptop))


def test_what_somebody_changed_an_hour_ago_is_no_work_going_on(laptop):
    laptop.world.run_service()
    laptop.world.account.tell_count(names.SERVICE, 3, ALICE)
    laptop.world.account.trail[-1]["EventTime"] -= timedelta(minutes=40)
    record = json.loads(laptop.world.account.trail[-1]["CloudTrailEvent"])
    record["eventTime"] = iso(laptop.clock.now() - timedelta(minutes=40))
    laptop.world.account.trail[-1]["CloudTrailEvent"] = json.dumps(record)
    leak(laptop)
    assert ended(laptop).fixes == 1


@pytest.mark.parametrize("who", ["AWSServiceRoleForECS/ecs-service-scheduler", "remediator-fix-x/remediator-y"])
def test_what_aws_or_this_program_changed_is_nobodys_work(laptop, who):
    laptop.world.run_service()
    laptop.world.account.tell_count(names.SERVICE, 3, who)
    leak(laptop)
    assert ended(laptop).fixes == 1


def test_where_the_history_cannot_be_read_a_person_is_asked(laptop):
    laptop.world.deny("cloudtrail:LookupEvents")
    leak(laptop)
    assert laptop.world.writes == ()
    assert "cloudtrail:LookupEvents" in told(question(laptop))


def test_while_autoscaling_changes_the_service_it_is_only_watched(laptop):
    place = f"service/{names.CLUSTER}/{names.SERVICE}"
    going = {"ResourceId": place, "StatusCode": "InProgress", "Description": "Setting desired count to 4."}
    laptop.world.account.scaling_activities.append(going)
    leak(laptop)
    assert laptop.world.writes == ()
    assert ended(laptop).refusal == "automation_in_progress"
    assert "Setting desired count to 4." in told(final_report(laptop))


def make_worse(laptop, *acts):
    laptop.world.run_service()
    laptop.world.fall_ill(programs.WARMS_AND_BLOCKS, tasks=1)
    laptop.run(acts)


@pytest.mark.parametrize(
    ("no", "why"),
    [
        (lambda at: at.world.switch("off"), "the switch is at off"),
        (lambda at: at.world.service.tags.update({"auto-remediation": "observe"}), "auto-remediation=observe"),
    ],
)
def test_what_made_things_worse_is_not_taken_back_where_somebody_has_said_no_meanwhile(laptop, no, why):
    def once_changed(at):
        if len(at.world.writes) == 1:
            no(at)

    make_worse(laptop, *(Act(at_s=s, do=once_changed) for s in range(60, 900, 5)))
    assert [w.operation for w in laptop.world.writes] == ["UpdateService"]
    last = told(next(r for r in laptop.reports if r.attributes["stage"] == "final"))
    assert "It made things worse and was not taken back" in last
    assert why in last
    assert "remediator undo" in last
