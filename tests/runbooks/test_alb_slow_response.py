from dataclasses import replace

import pytest

from remediator.core.evidence import Unchecked
from remediator.core.model import Advise, Change, HandOver, Plan, Resource, Signal, Verdict, Watch
from remediator.core.runbook import Setting, VerificationContext
from remediator.core.settings import Limits, Settings, Workload
from remediator.core.timestamps import after
from remediator.incidents.diagnosis import decide, diagnose
from remediator.problems import route
from remediator.problems.alb_slow_response import RUNBOOK
from remediator.problems.alb_slow_response.latency import NatTrouble
from remediator.resources.ecs.backends import Backend, Behind
from remediator.resources.ecs.model import Deployment, TaskStop
from remediator.resources.ecs.scaling import CountOwner, TaskSize, one_step
from remediator.resources.iam.session_policy import LIMIT_CHARS, session_policy
from remediator.resources.load_balancing.latency import Minute
from remediator.resources.load_balancing.model import Traffic
from remediator.resources.vpc.flow_logs import Flows, Path
from tests.fakes import checked, operation
from tests.runbooks.evidence_of_slowness import evidence, load, outcome, table, times, zones
from tests.runbooks.evidence_of_targets import BALANCER_ARN as BALANCER
from tests.runbooks.evidence_of_targets import GROUP_ARN, TIMEOUT, gap, group, service
from tests.samples import NOW

ID = "alb_slow_response"
WORKLOAD = Workload(name="portfolio", task_ceiling=6, tables=("portfolio-users",), latency_target_ms=100)
SETTING = Setting(now=NOW, settings=Settings(), workload=WORKLOAD, opened_at=NOW)
BUSY = {"times": times(4), "load": load(cpu=90.0)}
TARGET_ARN = "arn:aws:application-autoscaling:ap-northeast-1:123456789012:scalable-target/0a1b"
OWNED = CountOwner(arn=TARGET_ARN, minimum=2, maximum=6)


def cause(e, setting=SETTING):
    return diagnose(RUNBOOK, e, setting).cause


def decision(e, setting=SETTING):
    return decide(RUNBOOK, diagnose(RUNBOOK, e, setting), e, setting)


def busy_in(minutes):
    """CPU is short in the newest minutes only."""
    calm, busy = load(), load(cpu=90.0)
    return replace(calm, cpu_pct={**calm.cpu_pct, **dict(list(busy.cpu_pct.items())[-minutes:])})


def running(desired, **changes):
    of = Behind(managed=True, service=replace(service(), desired=desired, running=desired, **changes))
    return (Backend(group=GROUP_ARN, behind=of),)


# -- causes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "row"),
    [
        (BUSY, "task_resources"),
        ({"times": times(4), "load": load(memory=92.0)}, "task_resources"),
        ({"times": times(4), "tables": (table(refused=10),)}, "dynamodb_latency"),
        ({"times": times(4), "tables": (table(slow_ms=120.0),)}, "dynamodb_latency"),
        ({**BUSY, "tables": (table(refused=10),)}, "dynamodb_latency"),
        ({"times": times(4, zones=zones(a=45.0, c=270.0))}, "network_congestion"),
        ({"times": times(4), "nats": (NatTrouble(id="nat-1", ports_refused=7),)}, "network_congestion"),
        ({"times": times(4), "flows": Flows(rejected=3, refused=(Path(source="a", target="b", port=8000, flows=30),))},
         "network_congestion"),
        ({"times": times(4)}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_what_stands_beside_the_slow_minutes_names_the_row(changes, row):
    assert cause(evidence(**changes)) == (row and f"{ID}.{row}")


@pytest.mark.parametrize(
    ("changes", "row"),
    [
        ({**BUSY, "tables": (table(refused=1, minutes=1),)}, "task_resources"),  # refused in one minute of four
        ({**BUSY, "tables": (table(slow_ms=60.0, minutes=1),)}, "task_resources"),
        ({"times": times(4), "load": busy_in(1)}, None),  # busy in one slow minute of four
        ({"times": times(4, zones=zones(a=20.0, c=45.0))}, None),  # twice as long, and within the target
        ({"times": times(4), "nats": (NatTrouble(id="nat-1", packets_dropped=1, packets=100_000),)}, None),
        (
            {"times": times(4), "flows": Flows(rejected=1, refused=(Path(source="a", target="b", port=1, flows=1),))},
            None,
        ),
        ({**BUSY, "times": times(4, zones=zones(a=45.0, c=270.0))}, "task_resources"),
        ({"times": times(4, zones=zones(a=200.0, c=270.0))}, None),  # both zones are slow
    ],
)
def test_a_look_alike_fact_alone_names_no_row(changes, row):
    assert cause(evidence(**changes)) == (row and f"{ID}.{row}")


def test_one_slow_minute_alone_is_no_trouble():
    assert cause(evidence(**{**BUSY, "times": times(1)})) is None


def test_busy_minutes_count_only_where_it_was_slow_at_the_same_time():
    busy_before = load()
    busy_before = replace(busy_before, cpu_pct={**busy_before.cpu_pct, times().minutes[0].at: 95.0})
    assert cause(evidence(times=times(4), load=busy_before)) is None


@pytest.mark.parametrize("gone", ["times", "load", "tables"])
def test_what_could_not_be_read_leaves_the_row_open(gone):
    diagnosis = diagnose(RUNBOOK, evidence(**{**BUSY, gone: gap()}), SETTING)
    assert f"{ID}.task_resources" in {o.cause for o in diagnosis.unchecked}
    assert diagnosis.cause is None


def test_without_a_declared_table_no_table_is_to_blame():
    diagnosis = diagnose(RUNBOOK, evidence(**BUSY, tables=()), SETTING)
    assert diagnosis.cause == f"{ID}.task_resources"
    assert f"{ID}.dynamodb_latency" in {o.cause for o in diagnosis.unchecked}


@pytest.mark.parametrize("flows", [Flows(unread=500), Flows(complete=False)])
def test_a_flow_log_that_is_half_read_does_not_rule_the_network_out(flows):
    diagnosis = diagnose(RUNBOOK, evidence(times=times(4), flows=flows), SETTING)
    assert f"{ID}.network_congestion" in {o.cause for o in diagnosis.unchecked}


def test_missing_flow_logs_do_not_rule_the_network_out():
    diagnosis = diagnose(
        RUNBOOK, evidence(times=times(4), flows=gap("NotFound: no flow log group is declared")), SETTING
    )
    assert f"{ID}.network_congestion" in {o.cause for o in diagnosis.unchecked}


# -- more tasks --------------------------------------------------------------------------------------------------------


def test_one_step_is_half_as_many_again():
    assert [one_step(n) for n in (1, 2, 3, 4, 10)] == [1, 1, 2, 2, 5]


def test_busy_tasks_get_one_step_more():
    plan = decision(evidence(**BUSY))
    assert isinstance(plan, Plan)
    assert plan.response == "auto"
    (call,) = plan.calls
    assert call.action == "ecs:UpdateService"
    assert call.parameters["desiredCount"] == 3
    assert plan.undo[0].parameters["desiredCount"] == 2
    assert plan.worse is None  # raised counts never undo themselves
    checked(operation(call.action).input_shape, call.parameters, call.action)
    assert len(session_policy(plan.calls)) < LIMIT_CHARS


def test_where_autoscaling_owns_the_count_its_minimum_is_raised():
    plan = decision(evidence(**BUSY, owner=OWNED))
    (call,) = plan.calls
    assert call.action == "application-autoscaling:RegisterScalableTarget"
    assert call.parameters["MinCapacity"] == 3
    assert "MaxCapacity" not in call.parameters
    assert call.arn == TARGET_ARN
    assert plan.undo[0].parameters["MinCapacity"] == 2
    checked(operation(call.action).input_shape, call.parameters, call.action)


@pytest.mark.parametrize(
    ("desired", "owner", "ceiling", "count"),
    [(4, CountOwner(), 5, 5), (4, OWNED, 10, 6), (5, OWNED, 10, 6), (4, CountOwner(), 100, 6)],
)
def test_a_step_never_passes_the_ceiling_or_autoscalings_maximum(desired, owner, ceiling, count):
    setting = replace(SETTING, workload=replace(WORKLOAD, task_ceiling=ceiling))
    plan = decision(evidence(**BUSY, owner=owner, backends=running(desired)), setting)
    found = plan.calls[0].parameters
    assert found.get("desiredCount", found.get("MinCapacity")) == count


@pytest.mark.parametrize(
    ("changes", "setting"),
    [
        ({"backends": running(6)}, SETTING),
        ({"backends": running(6), "owner": OWNED}, SETTING),
        ({}, replace(SETTING, workload=replace(WORKLOAD, task_ceiling=0))),
        ({}, replace(SETTING, workload=None)),
        ({"load": load(memory=92.0)}, SETTING),
    ],
)
def test_a_person_is_told_where_more_tasks_may_not_run_or_would_not_help(changes, setting):
    assert isinstance(decision(evidence(**{**BUSY, **changes}), setting), Advise)


def test_an_owner_that_could_not_be_read_means_no_write():
    assert isinstance(decision(evidence(**BUSY, owner=gap())), Advise)


def test_it_asks_where_the_cost_is_above_the_ceiling_or_not_known():
    dear = replace(SETTING, settings=Settings(limits=Limits(cost_ceiling_usd_per_month=1.0)))
    assert decision(evidence(**BUSY), dear).response == "ask"
    assert decision(evidence(**BUSY, size=TaskSize())).response == "ask"
    assert decision(evidence(**BUSY)).cost_per_month_usd == pytest.approx(11.25, abs=0.01)


@pytest.mark.parametrize("part", ["DynamicScalingOutSuspended", "ScheduledScalingSuspended"])
def test_it_asks_where_somebody_suspended_scaling(part):
    assert decision(evidence(**BUSY, owner=replace(OWNED, suspended=(part,)))).response == "ask"


def test_it_asks_where_a_release_came_right_before():
    fresh = Deployment(id="1", status="PRIMARY", task_definition="d", rollout="COMPLETED", created_at=after(NOW, -1200))
    assert decision(evidence(**BUSY, backends=running(2, deployments=(fresh,)))).response == "ask"
    old = replace(fresh, created_at=after(NOW, -24 * 3600))
    assert decision(evidence(**BUSY, backends=running(2, deployments=(old,)))).response == "auto"


def test_memory_that_is_short_while_cpu_was_so_only_earlier_is_memory_alone():
    earlier = load(cpu=30.0, memory=75.0)
    earlier = replace(earlier, cpu_pct={**earlier.cpu_pct, times().minutes[0].at: 72.0})
    assert isinstance(decision(evidence(times=times(4), load=earlier)), Advise)


@pytest.mark.parametrize(
    "changes",
    [
        {"owner": replace(OWNED, under_way="Setting desired count to 3.")},
        {"backends": running(2, deployments=(Deployment(id="1", status="PRIMARY", task_definition="d", rollout="IN_PROGRESS"),))},
        {"times": replace(times(4), minutes=(*times(4).minutes, Minute(at=NOW, late_ms=45.0, requests=1200)))},
        {"backends": (Backend(group=GROUP_ARN, behind=Behind(managed=True, service=replace(service(), desired=4, running=2))),)},
        {"groups": (group({"state": "healthy"}, TIMEOUT),)},
        {"traffic": Traffic(window_s=900, requests=18000, recent_requests=6000, recent_failed=600)},
    ],
    ids=["scaling already", "deployment", "fast again", "tasks on their way", "an unhealthy target", "failing requests"],
)  # fmt: skip
def test_it_waits_where_something_else_is_under_way(changes):
    assert isinstance(decision(evidence(**{**BUSY, **changes})), Watch)


# -- tables and network ------------------------------------------------------------------------------------------------


def test_a_table_that_throttles_is_handed_over():
    found = decision(evidence(times=times(4), tables=(table(refused=10),)))
    assert isinstance(found, HandOver)
    assert (found.runbook, found.resource.kind, found.resource.name) == (
        "dynamodb_throttling",
        "table",
        "portfolio-users",
    )


def test_a_table_that_is_only_slow_is_told():
    found = decision(evidence(times=times(4), tables=(table(slow_ms=120.0),)))
    assert isinstance(found, Advise)
    assert "portfolio-users" in found.commands[0]


def test_the_network_is_never_changed():
    assert isinstance(decision(evidence(times=times(4, zones=zones(a=45.0, c=270.0)))), Advise)


# -- the proof ---------------------------------------------------------------------------------------------------------


def judged(after_it, *, change=True):
    plan = decision(evidence(**BUSY))
    since = after(NOW, -240)
    made = Change(plan=plan, applied_at=since) if change else None
    return RUNBOOK.judge(after_it, VerificationContext(before=evidence(**BUSY), change=made, now=NOW, since=since))


def test_three_fast_minutes_with_requests_are_the_proof():
    assert judged(outcome()).verdict is Verdict.FIXED
    assert judged(outcome(), change=False).verdict is Verdict.RECOVERED_WITHOUT_US


@pytest.mark.parametrize(
    "changes",
    [
        {"times": times(1)},
        {"times": replace(times(), minutes=tuple(replace(m, late_ms=None, requests=0) for m in times().minutes))},
        {"times": replace(times(), minutes=())},
        {"groups": (group({"state": "healthy"}, TIMEOUT),)},
        {"endpoint": gap()},
    ],
    ids=["slow", "nobody asked", "no data", "an unhealthy target", "endpoint silent"],
)
def test_anything_less_proves_nothing(changes):
    assert judged(outcome(**changes)).verdict is None


def test_no_times_are_no_pass():
    with pytest.raises(Unchecked):
        judged(outcome(times=gap()))


def test_it_persists_only_while_it_is_slow():
    assert judged(outcome(times=times(1))).persists
    assert not judged(outcome(times=replace(times(), minutes=()))).persists


# -- around it ---------------------------------------------------------------------------------------------------------


def test_alarms_on_the_response_time_come_here():
    resource = Resource("target_group", GROUP_ARN)
    facts = {"namespace": "AWS/ApplicationELB", "metric": "TargetResponseTime"}
    signal = Signal(kind="alarm", resource=resource, level="medium", at=NOW, key="k", facts=facts)
    assert route(signal) is RUNBOOK


def test_the_services_tag_decides_since_the_service_is_written_to():
    tagged = running(2, tags={"auto-remediation": "approve"})
    assert RUNBOOK.opt_in_tag(evidence(backends=tagged)) == "approve"
    with pytest.raises(Unchecked):
        RUNBOOK.opt_in_tag(evidence(backends=(Backend(group=GROUP_ARN, behind=Behind()),)))


def test_the_situation_tells_who_is_affected():
    values = {f.label.en: f.value for f in RUNBOOK.situation(evidence(**BUSY))}
    assert values["users: requests, last 15 min"] == "12000"
    assert values["tasks running / desired"] == "2 / 2"


def test_where_tasks_stop_behind_it_their_runbook_goes_on():
    killed = TaskStop(
        task_arn="t", group="service:s", reason="OutOfMemoryError: killed", started_at=NOW, stopped_at=NOW
    )
    found = decision(evidence(times=times(4), stops=(killed,)))
    assert isinstance(found, HandOver)
    assert (found.runbook, found.resource.kind) == ("ecs_task_restarting", "ecs_service")


def test_answers_that_the_load_balancer_cuts_off_belong_to_its_errors():
    found = decision(evidence(times=times(4, balancer=BALANCER, cut_off=30), stops=gap("denied")))
    assert isinstance(found, HandOver)
    assert (found.runbook, found.resource.arn) == ("alb_gateway_errors", BALANCER)


def test_a_row_that_explains_it_here_comes_before_answers_that_were_cut_off():
    assert not isinstance(decision(evidence(**{**BUSY, "times": times(4, balancer=BALANCER, cut_off=30)})), HandOver)
