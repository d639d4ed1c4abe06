"""Each judge gives credit by its own evidence: what ended before the change took effect is nobody's success."""

from dataclasses import replace

from remediator.core.model import Verdict
from remediator.core.plan import Change
from remediator.core.runbook import VerificationContext
from remediator.core.timestamps import after
from remediator.problems.alb_gateway_errors import runbook as alb_gateway_errors
from remediator.problems.alb_gateway_errors.model import GatewayAnswers
from remediator.problems.alb_slow_response import runbook as alb_slow_response
from remediator.problems.alb_targets_unhealthy import runbook as alb_targets_unhealthy
from remediator.problems.cloudfront_not_delivering import runbook as cloudfront_not_delivering
from remediator.problems.dynamodb_throttling import runbook as dynamodb_throttling
from remediator.problems.ecs_task_restarting import runbook as ecs_task_restarting
from remediator.resources.dynamodb.model import Flow
from remediator.resources.dynamodb.model import Minute as Sum
from remediator.resources.ecs.model import RunningTask
from remediator.resources.load_balancing.latency import Minute, ResponseTimes
from remediator.resources.load_balancing.target_health import HostCount, HostCounts
from tests.problems.alb_gateway_errors import samples as evidence_of_gateway
from tests.problems.alb_slow_response import samples as evidence_of_slowness
from tests.problems.alb_targets_unhealthy import samples as evidence_of_targets
from tests.problems.cloudfront_not_delivering import samples as evidence_of_delivery
from tests.problems.dynamodb_throttling import samples as evidence_of_throttling
from tests.problems.ecs_task_restarting import samples as evidence_of_restarts
from tests.samples import DEFINITION, NOW, plan

FIXED, WITHOUT_US = Verdict.FIXED, Verdict.RECOVERED_WITHOUT_US


def made(**after_it):
    """A change at NOW, with what it set."""
    return Change(plan=plan(after=after_it or {"setting": "new"}), applied_at=NOW)


def at(minutes):
    return after(NOW, 60 * minutes)


def verdict(runbook, outcome, before, change, minutes):
    context = VerificationContext(before=before, change=change, now=at(minutes), since=change.applied_at)
    return runbook.RUNBOOK.judge(outcome, context).verdict


# -- tasks -------------------------------------------------------------------------------------------------------------

OLD, NEW = "ecs-svc/1", "ecs-svc/2"
LOST = tuple(evidence_of_restarts.stop(m, started_by=OLD) for m in (1, 4, 7))
REPLACES = made(taskDefinition="portfolio-api:43")
MOVED = evidence_of_restarts.service(task_definition=f"{DEFINITION}:43")


def running(deployment, started, n=0):
    begun = at(started)
    return RunningTask(task_arn=f"t{n}", started_by=deployment, created_at=after(begun, -20), started_at=begun)


def replaced(n, started, ended, deployment=OLD):
    """A task that ran well until the new deployment replaced it."""
    return replace(
        evidence_of_restarts.stop(0),
        task_arn=f"replaced-{n}",
        started_by=deployment,
        stop_code="ServiceSchedulerInitiated",
        reason=f"Scaling activity initiated by (deployment {NEW})",
        started_at=at(started),
        created_at=after(at(started), -20),
        stopping_at=at(ended),
        stopped_at=after(at(ended), 30),
        containers=(),
    )


def of_tasks(*old, first=15, change=REPLACES, minutes=25, tasks=None):
    fresh = (running(NEW, first), running(NEW, first, 1)) if tasks is None else tasks
    outcome = evidence_of_restarts.outcome(*old, *LOST, service=MOVED, tasks=fresh)
    return verdict(ecs_task_restarting, outcome, evidence_of_restarts.evidence(*LOST), change, minutes)


def test_tasks_that_held_long_before_the_new_ones_ran_recovered_without_us():
    assert of_tasks(replaced(1, 0, 16), replaced(2, 0.5, 16)) is WITHOUT_US


def test_too_few_or_too_young_tasks_prove_nothing_against_the_change():
    assert of_tasks(replaced(1, 0, 16)) is FIXED
    assert of_tasks(replaced(1, 12, 16), replaced(2, 12, 16)) is FIXED


def test_old_tasks_of_another_deployment_say_nothing_of_the_one_that_failed():
    assert of_tasks(replaced(1, -90, 16, "ecs-svc/0"), replaced(2, -90, 16, "ecs-svc/0")) is FIXED


def test_tasks_that_run_at_once_leave_no_room_for_another_recovery():
    assert of_tasks(replaced(1, 0, 1), replaced(2, 0, 1), first=0.5) is FIXED


def test_tasks_that_cannot_be_read_tell_of_no_moment():
    assert of_tasks(replaced(1, 0, 16), replaced(2, 0, 16), tasks=evidence_of_restarts.gap()) is FIXED


def test_a_grace_period_holds_for_the_tasks_that_run():
    longer = made(healthCheckGracePeriodSeconds="120")
    tasks = (running(OLD, 1), running(OLD, 1, 1))
    assert of_tasks(change=longer, tasks=tasks) is FIXED


# -- tables ------------------------------------------------------------------------------------------------------------

RAISED = made(WriteCapacityUnits="20")
SHORT = evidence_of_throttling.evidence(
    Flow(direction="write", consumed=(Sum(at(-1), 300.0),), refused=(Sum(at(-1), 60.0),))
)


def of_table(bad, increased=6, change=RAISED, consumed=range(13)):
    flow = Flow(
        direction="write",
        consumed=tuple(Sum(at(n), 300.0) for n in consumed),
        refused=tuple(Sum(at(n), 60.0) for n in bad),
    )
    own = evidence_of_throttling.own(increased_at=at(increased))
    outcome = evidence_of_throttling.outcome(flow, table=evidence_of_throttling.table(own=own))
    return verdict(dynamodb_throttling, outcome, SHORT, change, 13)


def test_throttling_that_ended_before_aws_applied_the_raise_recovered_without_us():
    assert of_table(range(3)) is WITHOUT_US


def test_throttling_that_lasted_until_the_raise_was_fixed_by_it():
    assert of_table(range(6)) is FIXED
    assert of_table(range(5)) is FIXED  # a single good minute lies between


def test_minutes_in_which_nobody_wrote_prove_no_end():
    assert of_table(range(3), consumed=(0, 1, 2, *range(6, 13))) is FIXED


def test_the_last_raise_of_autoscaling_says_nothing_of_its_first():
    bounds = made(WriteMinCapacity="20", WriteMaxCapacity="40")
    assert of_table(range(3), change=bounds) is FIXED


# -- load balancers ----------------------------------------------------------------------------------------------------

SLOW_BEFORE = evidence_of_slowness.evidence(times=evidence_of_slowness.times(4))
THREE = evidence_of_targets.group(*({"state": "healthy"},) * 2, evidence_of_targets.target(0, 8001))


def of_answers(slow, hosts=None, groups=None):
    minutes = tuple(Minute(at=at(n), late_ms=225.0 if n in slow else 45.0, requests=1200) for n in range(10))
    outcome = evidence_of_slowness.outcome(
        times=ResponseTimes(group=evidence_of_slowness.GROUP_ARN, minutes=minutes),
        groups=(groups or THREE,),
        **(
            {}
            if hosts is None
            else {"hosts": HostCounts(healthy=tuple(HostCount(at=at(n), hosts=h) for n, h in hosts))}
        ),
    )
    return verdict(alb_slow_response, outcome, SLOW_BEFORE, made(desiredCount="3"), 10)


def counted(more_from):
    return [(n, 3.0 if n >= more_from else 2.0) for n in range(10)]


def test_responses_that_were_fast_before_the_added_task_took_traffic_recovered_without_us():
    assert of_answers(range(3), counted(5)) is WITHOUT_US


def test_responses_that_were_slow_until_the_added_task_took_traffic_were_fixed_by_it():
    assert of_answers(range(5), counted(5)) is FIXED


def test_a_task_that_does_not_take_traffic_yet_has_fixed_nothing():
    two = evidence_of_targets.group()
    assert of_answers(range(3), counted(99), two) is WITHOUT_US
    assert of_answers(range(3), counted(99)) is WITHOUT_US  # only the load balancer shows it: CloudWatch is behind


def test_without_counts_of_targets_the_change_counts_from_its_own_moment():
    assert of_answers(range(3)) is FIXED


def of_gateway(before, *minutes):
    change = made(desiredCount="2")
    outcome = evidence_of_gateway.outcome(*minutes)
    since = after(NOW, -240)
    context = VerificationContext(before=before, change=replace(change, applied_at=since), now=NOW, since=since)
    return alb_gateway_errors.RUNBOOK.judge(outcome, context).verdict


def test_errors_that_had_ended_before_the_change_were_not_ended_by_it():
    good = tuple(evidence_of_gateway.minute(back) for back in (3, 2, 1))
    ended = GatewayAnswers(
        minutes=tuple(
            evidence_of_gateway.minute(back, **({"c503": 900} if back > 8 else {})) for back in range(15, 4, -1)
        )
    )
    going_on = GatewayAnswers(minutes=tuple(evidence_of_gateway.minute(back, c503=900) for back in range(15, 4, -1)))
    assert of_gateway(evidence_of_gateway.at_zero(answers=ended), *good) is WITHOUT_US
    assert of_gateway(evidence_of_gateway.at_zero(answers=going_on), *good) is FIXED


def of_targets(unhealthy, change, healthy=range(-6, 8)):
    hosts = HostCounts(
        healthy=tuple(HostCount(at=at(n), hosts=2.0) for n in healthy),
        unhealthy=tuple(HostCount(at=at(n), hosts=1.0 if n in unhealthy else 0.0) for n in range(-6, 8)),
    )
    outcome = evidence_of_targets.outcome(minutes=8, hosts=hosts)
    before = evidence_of_targets.evidence()
    return verdict(alb_targets_unhealthy, outcome, before, change, 8)


def test_targets_that_were_healthy_again_before_the_change_recovered_without_us():
    path = made(healthCheckPath="/health")
    assert of_targets((-6, -5, -4), path) is WITHOUT_US
    assert of_targets((-6, -5, -4, -3, -2, -1, 0), path) is FIXED


def test_a_target_that_was_unhealthy_at_the_last_look_had_not_recovered():
    ill = evidence_of_targets.evidence({"state": "healthy"}, evidence_of_targets.code(404))
    hosts = HostCounts(healthy=tuple(HostCount(at=at(n), hosts=2.0) for n in range(8)))
    outcome = evidence_of_targets.outcome(minutes=8, hosts=hosts)
    assert verdict(alb_targets_unhealthy, outcome, ill, made(healthCheckPath="/health"), 8) is FIXED


# -- CloudFront --------------------------------------------------------------------------------------------------------


def test_a_site_that_answered_wrongly_at_the_last_look_and_not_since_is_the_changes_success():
    before = evidence_of_delivery.evidence()
    outcome = evidence_of_delivery.outcome(rates=evidence_of_delivery.rates(client=0.0, at=at(5)))
    assert verdict(cloudfront_not_delivering, outcome, before, made(bucketPolicy="new"), 5) is FIXED


def test_a_site_that_failed_long_before_the_change_and_never_since_recovered_without_us():
    early = replace(evidence_of_delivery.known((evidence_of_delivery.answer(status=403),)), read_at=at(-10))
    calm = evidence_of_delivery.rates(client=0.0, minutes=15, at=at(5))
    before = evidence_of_delivery.evidence(answers=early, rates=evidence_of_delivery.rates(minutes=3, at=at(-10)))
    outcome = evidence_of_delivery.outcome(rates=calm)
    assert verdict(cloudfront_not_delivering, outcome, before, made(bucketPolicy="new"), 5) is WITHOUT_US


def test_old_copies_leave_no_minutes_by_which_their_end_could_be_told():
    before = evidence_of_delivery.evidence(answers=(evidence_of_delivery.answer(),))
    calm = evidence_of_delivery.rates(client=0.0, minutes=15, at=at(5))
    outcome = evidence_of_delivery.outcome(rates=calm)
    assert verdict(cloudfront_not_delivering, outcome, before, made(invalidations="new"), 5) is FIXED
