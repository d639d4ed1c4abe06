from dataclasses import replace

import pytest

from remediator.core.plan import Advise, Plan
from remediator.core.settings import Workload
from remediator.core.timestamps import after
from remediator.problems.alb_gateway_errors.model import CountSchedule, CountSet, Gateway
from remediator.problems.alb_gateway_errors.runbook import RUNBOOK
from remediator.resources.ecs.backends import Behind
from remediator.resources.load_balancing.target_health import HostCount, HostCounts

from ...samples import NOW, SERVICE_ARN
from ..alb_targets_unhealthy.samples import BALANCER_ARN, GROUP_ARN, gap
from .samples import answers, at_zero, backend, bounds, evidence, hosts, sets
from .setting import SETTING, decision_on


def test_the_last_count_seen_is_restored_alone_where_nobody_can_have_wanted_zero():
    plan = decision_on(at_zero())
    assert isinstance(plan, Plan)
    assert (plan.fix, plan.response, plan.resource.arn) == ("restore_count", "auto", SERVICE_ARN)
    assert plan.calls[0].parameters["desiredCount"] == 3
    assert plan.undo[0].parameters["desiredCount"] == 0


@pytest.mark.parametrize(
    ("why", "changes", "words"),
    [
        ("autoscaling does not own it", {"bounds": (bounds(owned=False),)}, "no autoscaling minimum"),
        ("the minimum is zero", {"bounds": (bounds(0, 6),)}, "allows zero"),
        ("it is suspended", {"bounds": (bounds(suspended=("DynamicScalingOutSuspended",)),)}, "suspended"),
        (
            "a schedule",
            {"schedules": (CountSchedule(service=SERVICE_ARN, name="night", when="cron(0 12 * * ? *)"),)},
            "night",
        ),
        ("the schedule is not known", {"schedules": gap()}, "could not be read"),
        (
            "a person",
            {"count_sets": sets(CountSet(service=SERVICE_ARN, at=NOW, count=0, by="sato"))},
            "sato set it to 0",
        ),
        ("who it was is not known", {"count_sets": gap()}, "could not be read"),
        ("too early to know who it was", {"hosts": hosts(3, 3, newest_minutes_ago=5)}, "is not known"),
        ("too long ago to know who it was", {"hosts": hosts(3, 3, newest_minutes_ago=90)}, "is not known"),
        ("not all calls are known", {"count_sets": replace(sets(), complete=False)}, "is not known"),
        ("no count was seen", {"hosts": hosts(0, 0)}, "guide's example"),
        ("the counts are not known", {"hosts": gap()}, "guide's example"),
    ],
)
def test_a_person_is_asked_where_something_may_have_wanted_zero_or_is_not_known(why, changes, words):
    plan = decision_on(at_zero(**changes))
    assert plan.response == "ask", why
    assert words in plan.ask_because.en


def test_autoscaling_itself_is_no_person():
    by = CountSet(service=SERVICE_ARN, at=NOW, count=0, by="AutoScaling", of_nobody=True)
    assert decision_on(at_zero(count_sets=sets(by), hosts=hosts(3, 3, newest_minutes_ago=1))).response == "auto"


@pytest.mark.parametrize(
    ("seen", "minimum", "maximum", "ceiling", "count"),
    [
        ((3, 3, 3), 1, 6, 0, 3),
        ((9, 9, 9), 1, 6, 0, 6),
        ((1, 1, 1), 2, 6, 0, 2),
        ((4, 4, 4, 2, 1), 1, 6, 0, 4),
        ((4, 4, 2, 2), 1, 6, 0, 4),
        ((4, 4, 4), 1, 6, 3, 3),
        ((), 1, 6, 0, 2),
    ],
)
def test_the_count_is_the_usual_one_of_the_last_hour_within_the_bounds(seen, minimum, maximum, ceiling, count):
    workload = Workload(name="portfolio", task_ceiling=ceiling)
    e = at_zero(hosts=hosts(*seen, newest_minutes_ago=30), bounds=(bounds(minimum, maximum),))
    assert decision_on(e, replace(SETTING, workload=workload)).calls[0].parameters["desiredCount"] == count


def test_a_day_that_is_told_by_its_changes_alone_gives_the_same_count():
    day = HostCounts(
        healthy=tuple(HostCount(at=after(NOW, -60 * m), hosts=n) for m, n in ((1440, 3), (40, 1), (35, 0)))
    )
    plan = decision_on(at_zero(hosts=day))
    assert plan.calls[0].parameters["desiredCount"] == 3
    assert plan.response == "auto"


def test_no_count_is_written_where_it_is_unknown_who_owns_it():
    found = decision_on(at_zero(bounds=gap("Denied: DescribeScalableTargets")))
    assert isinstance(found, Advise)
    assert "DescribeScalableTargets" in found.why.en


def test_no_count_is_written_where_autoscaling_allows_none():
    assert isinstance(decision_on(at_zero(bounds=(bounds(0, 0),))), Advise)


@pytest.mark.parametrize(
    "backends",
    [
        (backend(desired=0, controller="CODE_DEPLOY"),),
        (backend(desired=0), replace(backend(desired=0, arn=SERVICE_ARN + "-2"), group=GROUP_ARN + "2")),
    ],
)
def test_another_controller_or_several_services_are_a_persons_to_decide(backends):
    assert isinstance(decision_on(at_zero(backends=backends)), Advise)


def test_the_services_tag_decides_over_its_count_and_the_load_balancers_over_the_timeout():
    silent = backend(desired=0, running=0)
    untagged = replace(silent, behind=Behind(managed=True, service=replace(silent.service, tags={})))
    assert RUNBOOK.opt_in_tag(at_zero()) == "auto"
    assert RUNBOOK.opt_in_tag(at_zero(backends=(untagged,))) is None
    assert RUNBOOK.opt_in_tag(evidence(gateway=Gateway(arn=BALANCER_ARN), answers=answers(c504=9))) is None
    assert RUNBOOK.opt_in_tag(at_zero(answers=answers(c504=9), gateway=Gateway(arn=BALANCER_ARN))) is None
