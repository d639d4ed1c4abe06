"""Recoveries by hand: what is asked for, what it would do, what is refused and why, and what proves it."""

from dataclasses import replace
from typing import Any

import pytest

from remediator.core.errors import EventNotUnderstood
from remediator.core.event_fields import Part
from remediator.core.evidence import Unchecked
from remediator.core.model import Resource, Verdict, mode_from
from remediator.core.plan import Advise, Change, Plan
from remediator.core.runbook import Setting, VerificationContext
from remediator.core.serialization import from_json, to_json
from remediator.core.settings import Settings, Workload
from remediator.core.timestamps import after
from remediator.events import parse
from remediator.events.manual_requests import Request
from remediator.events.recovery_requests import Asked, AskedTarget, asked, asked_by, payload, signal_of
from remediator.gates.answers import Refusal
from remediator.gates.opt_in import opt_in
from remediator.problems import load
from remediator.problems.alb_targets_unhealthy.evidence import Outcome as TargetsRecovered
from remediator.recovery.outcome import ServiceRecovered, TableRecovered
from remediator.recovery.planners import ByHand
from remediator.recovery.procedures import PROCEDURES, runbook_of
from remediator.recovery.readers import Counted, LoggedErrors
from remediator.recovery.runbook import BOUND, manual_recovery
from remediator.resources.ecs.scaling import Scaling
from remediator.resources.endpoint import Endpoint
from tests.problems.alb_targets_unhealthy import samples as targets
from tests.problems.dynamodb_throttling import samples as throttling
from tests.problems.ecs_task_restarting import samples as restarts
from tests.problems.ecs_task_restarting.samples import known
from tests.samples import NOW, SERVICE, SERVICE_ARN, incident

TABLE = Resource("table", throttling.TABLE_ARN)
GROUP = Resource("target_group", targets.GROUP_ARN)
SETTING = Setting(now=NOW, settings=Settings(), opened_at=NOW)
LATER = after(NOW, 600)


def restart(**changes: Any) -> Asked:
    return replace(Asked(procedure="ecs", action="restart", resource=SERVICE), **changes)


def count(number: int) -> Asked:
    return Asked(procedure="ecs", action="count", resource=SERVICE, count=number)


def capacity(**changes: Any) -> Asked:
    return replace(Asked(procedure="dynamodb", action="capacity", resource=TABLE), **changes)


def registrations(register: str = "", deregister: str = "") -> Asked:
    def listed(text: str) -> tuple[AskedTarget, ...]:
        pairs = (t.partition(":") for t in text.split())
        return tuple(AskedTarget(id=i, port=int(p or 0)) for i, _, p in pairs)

    return Asked(
        procedure="alb", action="targets", resource=GROUP, register=listed(register), deregister=listed(deregister)
    )


def plan(what: Asked, evidence: Any, setting: Setting = SETTING) -> Plan:
    decision = ByHand(asked=what).now(evidence, setting)
    assert isinstance(decision, Plan), decision
    return decision


def refusal(what: Asked, evidence: Any, setting: Setting = SETTING) -> str:
    decision = ByHand(asked=what).now(evidence, setting)
    assert isinstance(decision, Advise), decision
    assert decision.why.ja != decision.why.en
    return decision.why.en


def only_call(of: Plan) -> dict[str, Any]:
    (call,) = of.calls
    return dict(call.parameters)


# -- ECS ---------------------------------------------------------------------------------------------------------------


def test_a_restart_forces_a_new_deployment_and_changes_no_setting() -> None:
    made = plan(restart(), restarts.evidence(same_images=known(True)))
    where = {"cluster": "portfolio-cluster", "service": "portfolio-api-service"}
    assert only_call(made) == {**where, "forceNewDeployment": True}
    assert (made.cause, made.runbook, made.response, made.undo) == ("recovery.ecs", "ecs_task_restarting", "auto", ())
    assert made.no_undo is not None


def test_a_restart_says_where_fresh_tasks_might_run_another_image() -> None:
    made = plan(restart(), restarts.evidence(same_images=restarts.gap("denied")))
    assert made.response == "ask"
    assert made.ask_because is not None
    assert "another image" in made.ask_because.en


def test_a_count_is_set_and_undone_to_what_it_was() -> None:
    made = plan(count(3), restarts.evidence(scaling=known(Scaling(owned=True, minimum=2, maximum=6))))
    assert only_call(made)["desiredCount"] == 3
    assert made.undo[0].parameters["desiredCount"] == 2
    assert (made.before, made.after) == ({"desiredCount": "2"}, {"desiredCount": "3"})


@pytest.mark.parametrize("number", [1, 7])
def test_a_count_outside_of_autoscalings_bounds_is_refused_with_them(number: int) -> None:
    owned = restarts.evidence(scaling=known(Scaling(owned=True, minimum=2, maximum=6)))
    assert "keeps it within 2-6" in refusal(count(number), owned)


def test_a_count_is_not_set_where_nobody_knows_who_owns_it() -> None:
    with pytest.raises(Unchecked, match="denied"):
        ByHand(asked=count(3)).now(restarts.evidence(scaling=restarts.gap("denied")), SETTING)


def test_a_declared_ceiling_of_tasks_is_not_passed() -> None:
    workload = Workload(name="portfolio", task_ceiling=4)
    declared = replace(SETTING, workload=workload)
    free = restarts.evidence(scaling=known(Scaling(owned=False)))
    assert "more than 4 tasks" in refusal(count(5), free, declared)
    assert plan(count(4), free, declared).response == "auto"
    assert plan(count(4), free).response == "ask"


@pytest.mark.parametrize(
    ("what", "service", "why"),
    [
        (restart(), {"status": "DRAINING"}, "the service is DRAINING"),
        (restart(), {"controller": "CODE_DEPLOY"}, "made by CODE_DEPLOY"),
        (restart(), {"desired": 0}, "wants no task"),
        (restart(), {"deployments": (restarts.deployment(rollout="IN_PROGRESS"),)}, "a deployment is in progress"),
        (count(2), {}, "wants 2 tasks already"),
    ],
)
def test_a_service_is_left_alone_with_the_reason(what: Asked, service: dict[str, Any], why: str) -> None:
    read = restarts.evidence(service=known(restarts.service(**service)), scaling=known(Scaling(owned=False)))
    assert why in refusal(what, read)


# -- DynamoDB ----------------------------------------------------------------------------------------------------------


def test_capacity_is_raised_to_what_is_asked_with_its_cost_and_its_undo() -> None:
    made = plan(capacity(read=20), throttling.evidence())
    assert only_call(made)["ProvisionedThroughput"] == {"ReadCapacityUnits": 20, "WriteCapacityUnits": 5}
    assert made.undo[0].parameters["ProvisionedThroughput"] == {"ReadCapacityUnits": 10, "WriteCapacityUnits": 5}
    assert made.cost_per_month_usd
    assert made.cause == "recovery.dynamodb"


def test_what_a_person_sets_is_theirs_and_no_loan() -> None:
    made = plan(capacity(read=20), throttling.evidence())
    assert made.lease_s == 0
    assert "with the undo" in made.title.en


def test_capacity_of_an_index_is_raised_there_alone() -> None:
    made = plan(capacity(index=throttling.INDEX, write=9), throttling.evidence())
    (update,) = only_call(made)["GlobalSecondaryIndexUpdates"]
    assert update["Update"]["ProvisionedThroughput"] == {"ReadCapacityUnits": 10, "WriteCapacityUnits": 9}


def test_where_autoscaling_owns_one_direction_its_bounds_are_raised_and_the_other_is_set() -> None:
    made = plan(capacity(read=20, write=9), throttling.evidence(scaling=(throttling.bounds("write"),)))
    assert [c.action for c in made.calls] == [
        "application-autoscaling:RegisterScalableTarget",
        "dynamodb:UpdateTable",
    ]
    assert [c.action for c in made.undo] == [
        "dynamodb:UpdateTable",
        "application-autoscaling:RegisterScalableTarget",
    ]
    assert made.after["ReadCapacityUnits"] == "20"
    assert made.after["MaxCapacity (write)"] == "9"


@pytest.mark.parametrize(
    ("asked_for", "changes", "why"),
    [
        ({"read": 5}, {}, "lowers no capacity"),
        ({"read": 10}, {}, "is that already"),
        ({"read": 50_000}, {}, "quota of a table is lower"),
        ({"read": 20, "index": "by-name"}, {}, "no index by-name"),
        ({"read": 20}, {"table": throttling.table(status="UPDATING")}, "AWS is changing the table"),
        ({"read": 20}, {"table": throttling.table(status="DELETING")}, "the table is DELETING"),
        ({"read": 20}, {"table": throttling.on_demand()}, "on demand: it has no capacity"),
        ({"write": 9}, {"scaling": (throttling.bounds("write", held=True),)}, "suspended scaling out"),
    ],
)
def test_a_table_is_left_alone_with_the_reason(asked_for: Any, changes: Any, why: str) -> None:
    assert why in refusal(capacity(**asked_for), throttling.evidence(**changes))


def test_capacity_is_not_raised_where_nobody_knows_who_owns_it() -> None:
    unknown = throttling.evidence(scaling=restarts.gap("denied"))
    for what in (capacity(read=20), replace(capacity(), action="on_demand")):
        with pytest.raises(Unchecked, match="denied"):
            ByHand(asked=what).now(unknown, SETTING)


def test_a_table_is_switched_to_on_demand_once() -> None:
    what = replace(capacity(), action="on_demand")
    made = plan(what, throttling.evidence())
    assert only_call(made) == {"TableName": "portfolio-users", "BillingMode": "PAY_PER_REQUEST"}
    assert "on demand already" in refusal(what, throttling.evidence(table=throttling.on_demand()))


# -- ALB ---------------------------------------------------------------------------------------------------------------


def plain(*states: Any, **changes: Any) -> Any:
    return targets.evidence(*states, behind=targets.PLAIN, **changes)


def test_a_target_is_registered_first_and_another_deregistered_then() -> None:
    made = plan(registrations("10.0.9.9:8000", "10.0.1.10"), plain())
    assert made.cause == "recovery.alb"
    assert [c.action.split(":")[1] for c in made.calls] == ["RegisterTargets", "DeregisterTargets"]
    assert made.calls[1].parameters["Targets"] == [{"Id": "10.0.1.10", "Port": 8000}]
    assert [c.action.split(":")[1] for c in made.undo] == ["RegisterTargets", "DeregisterTargets"]
    assert made.after["registered"] == "10.0.2.10:8000, 10.0.9.9:8000"
    assert made.worse is None


def test_a_sick_target_may_go_where_a_healthy_one_stays() -> None:
    made = plan(registrations(deregister="10.0.1.10:8000"), plain(targets.REFUSED, targets.HEALTHY))
    assert made.after["registered"] == "10.0.2.10:8000"


@pytest.mark.parametrize(
    ("what", "states", "why"),
    [
        (registrations(deregister="10.0.1.10 10.0.2.10"), (), "no healthy target would stay"),
        (registrations(deregister="10.0.2.10"), (targets.REFUSED, targets.HEALTHY), "no healthy target would stay"),
        (registrations("10.0.9.9:8000", "10.0.1.10 10.0.2.10"), (), "no healthy target would stay"),
        (registrations(deregister="10.0.7.7"), (), "not registered: 10.0.7.7"),
        (registrations("10.0.1.10:8000"), (), "registered already"),
        (registrations("10.0.1.10:8080", "10.0.1.10"), (), "registered and deregistered at once"),
        (registrations("i-0123456789abcdef0:80"), (), "targets of type ip"),
    ],
)
def test_targets_are_left_alone_with_the_reason(what: Asked, states: Any, why: str) -> None:
    assert why in refusal(what, plain(*states))


def test_targets_that_ecs_registers_are_its_own() -> None:
    assert "ECS registers these targets (portfolio-api-service)" in refusal(
        registrations("10.0.9.9:8000"), targets.evidence()
    )


def test_targets_whose_owner_is_not_known_are_left_alone() -> None:
    with pytest.raises(Unchecked, match="no"):
        ByHand(asked=registrations("10.0.9.9:8000")).now(targets.evidence(behind=targets.gap()), SETTING)


# -- the plan that was seen --------------------------------------------------------------------------------------------


def test_only_the_plan_that_the_person_saw_is_made() -> None:
    read = restarts.evidence(scaling=known(Scaling(owned=False)))
    saw = plan(count(3), read).short_hash
    assert isinstance(ByHand(asked=replace(count(3), plan=saw))(read, SETTING), Plan)
    moved = restarts.evidence(service=known(restarts.service(desired=4)), scaling=known(Scaling(owned=False)))
    found = ByHand(asked=replace(count(3), plan=saw))(moved, SETTING)
    assert isinstance(found, Advise)
    assert saw in found.why.en
    assert plan(count(3), moved).short_hash in found.why.en


def test_a_tag_that_cannot_be_read_refuses_whoever_starts_it() -> None:
    runbook = manual_recovery(load("dynamodb_throttling"), capacity(read=20))
    said = runbook.opt_in_tag(throttling.evidence(tags=restarts.gap("denied")))
    assert said is not None
    assert isinstance(opt_in(mode_from(said), said), Refusal)
    assert runbook.opt_in_tag(throttling.evidence()) == "auto"


# -- the request -------------------------------------------------------------------------------------------------------

RESTART = {"procedure": "ecs", "action": "restart", "resource": SERVICE_ARN, "plan": "0123abcd"}
COUNT = {**RESTART, "action": "count", "count": 2}
CAPACITY = {"procedure": "dynamodb", "action": "capacity", "resource": throttling.TABLE_ARN, "plan": "0123abcd"}
TARGETS = {"procedure": "alb", "action": "targets", "resource": targets.GROUP_ARN, "plan": "0123abcd"}


@pytest.mark.parametrize(
    "raw",
    [
        RESTART,
        COUNT,
        {**CAPACITY, "read": 10, "write": 5, "index": "by-mail"},
        {**CAPACITY, "action": "on_demand"},
        {**TARGETS, "register": ["10.0.0.1:8000"], "deregister": ["10.0.0.2", "i-0123456789abcdef0:80"]},
    ],
)
def test_a_request_is_read_and_written_the_same(raw: dict[str, Any]) -> None:
    (request,) = parse({"recover": raw, "by": "arn:aws:iam::123456789012:user/mei"})
    assert isinstance(request, Request)
    assert request.asked is not None
    assert dict(payload(request.asked)) == raw
    assert from_json(Asked, to_json(request.asked)) == request.asked


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ({}, "recover is missing"),
        ({**RESTART, "procedure": "rds"}, "no procedure rds"),
        ({**RESTART, "action": "delete"}, "no action delete"),
        ({**RESTART, "action": "capacity"}, "no action capacity"),
        ({**RESTART, "count": 2}, "takes no count"),
        ({**COUNT, "force": True}, "takes no force"),
        ({**COUNT, "count": 0}, "no number from 1 on"),
        ({**COUNT, "count": -1}, "no number from 1 on"),
        ({**COUNT, "count": True}, "no whole number"),
        ({**COUNT, "count": "2"}, "no whole number"),
        ({**COUNT, "count": None}, "no number from 1 on"),
        ({**RESTART, "action": "count"}, "needs count"),
        ({**RESTART, "plan": "0123ABCD"}, "not the 8 hex digits"),
        ({n: v for n, v in RESTART.items() if n != "plan"}, "plan is missing"),
        ({**RESTART, "resource": "portfolio-api-service"}, "no ARN of a ecs service"),
        ({**RESTART, "resource": throttling.TABLE_ARN}, "no ARN of a ecs service"),
        ({**RESTART, "resource": SERVICE_ARN + "/x"}, "no ARN of a ecs service"),
        ({**CAPACITY, "resource": throttling.TABLE_ARN + "/index/x", "read": 1}, "no ARN of a table"),
        (CAPACITY, "needs read or write"),
        ({**CAPACITY, "index": "by-mail"}, "needs read or write"),
        ({**CAPACITY, "read": 1, "index": "a b"}, "no name of an index"),
        (TARGETS, "needs deregister or register"),
        ({**TARGETS, "register": ["10.0.0.1"]}, "is no target: ID:PORT"),
        ({**TARGETS, "register": ["10.0.0.1:0"]}, "is no target"),
        ({**TARGETS, "register": ["10.0.0.1:65536"]}, "is no target"),
        ({**TARGETS, "register": ["10.0.0.256:80"]}, "is no target"),
        ({**TARGETS, "register": ["10.0.0.1:٨٠"]}, "is no target"),
        ({**TARGETS, "register": ["$(reboot):80"]}, "is no target"),
        ({**TARGETS, "register": [f"10.0.0.{n}:80" for n in range(21)]}, "more than 20"),
        ({**TARGETS, "register": "10.0.0.1:80"}, "register is no list"),
    ],
)
def test_a_request_that_is_not_exactly_right_is_refused(raw: dict[str, Any], why: str) -> None:
    with pytest.raises(EventNotUnderstood, match=why):
        parse({"recover": raw})


def test_an_incident_keeps_what_was_asked_for() -> None:
    what = asked(Part({**TARGETS, "deregister": ["10.0.0.2"]}))
    opened = incident(origin="recover", signals=(signal_of(what, runbook_of(what), NOW),))
    assert asked_by(from_json(type(opened), to_json(opened))) == what


# -- the declaration ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("procedure", PROCEDURES, ids=lambda p: p.name)
def test_a_procedure_speaks_both_languages_and_may_only_do_what_its_runbook_may(procedure: Any) -> None:
    texts = [procedure.title, procedure.confirm, *procedure.steps, *(a.title for a in procedure.actions)]
    for text in texts:
        assert text.en.strip()
        assert any(ord(sign) > 0x3000 for sign in text.ja), text
    assert procedure.look
    for action in procedure.actions:
        assert set(action.calls) <= {p.action for p in load(action.runbook).writes()}
        assert action.command.startswith(f"remediator recover {procedure.name} <")


def test_every_procedure_has_a_verification_of_its_own() -> None:
    assert [b.procedure for b in BOUND] == list(PROCEDURES)
    assert all(b.reads() for b in BOUND)


def test_the_calls_of_a_plan_are_among_those_that_its_action_declares() -> None:
    plans = (
        (plan(restart(), restarts.evidence()), "ecs:UpdateService"),
        (plan(capacity(read=20), throttling.evidence()), "dynamodb:UpdateTable"),
        (plan(registrations("10.0.9.9:80"), plain()), "elasticloadbalancing:RegisterTargets"),
    )
    for made, action in plans:
        assert {c.action for c in made.calls} == {action}


# -- the verification --------------------------------------------------------------------------------------------------


def judged(what: Asked, made: Plan, outcome: Any, now: str = LATER) -> Any:
    runbook = manual_recovery(load(made.runbook), what)
    change = Change(plan=made, applied_at=NOW)
    return runbook.judge(outcome, VerificationContext(before=None, change=change, now=now, since=NOW))


def recovered_service(**changes: Any) -> ServiceRecovered:
    fresh = restarts.service(deployments=(restarts.deployment(id="ecs-svc/2", running=2),))
    whole = ServiceRecovered(
        service=known(fresh),
        stops=known(()),
        endpoint=known(Endpoint(url="http://x/health", status=200, took_ms=12)),
        definition=known(restarts.definition()),
        target_groups=known((targets.group(),)),
        errors=known(LoggedErrors(groups=("/aws/ecs/portfolio-api",))),
    )
    return replace(whole, **{k: known(v) for k, v in changes.items()})


RESTARTED = plan(restart(), restarts.evidence())


def test_a_restart_is_proved_by_fresh_tasks_targets_endpoint_and_log() -> None:
    found = judged(restart(), RESTARTED, recovered_service())
    assert found.verdict is Verdict.FIXED
    labels = [f.label.en for f in found.facts]
    assert "endpoint answered" in labels
    assert all(f.source == "test" and f.at for f in found.facts)


OLD = (restarts.deployment(), restarts.deployment(id="ecs-svc/0", status="ACTIVE"))


@pytest.mark.parametrize(
    "changes",
    [
        {"service": restarts.service()},  # still the deployment of before
        {"service": restarts.service(running=1, deployments=(restarts.deployment(id="ecs-svc/2"),))},
        {"service": restarts.service(deployments=OLD)},
        {"target_groups": (targets.group(targets.HEALTHY, targets.REFUSED),)},
        {"target_groups": (replace(targets.group(), targets=()),)},
        {"endpoint": Endpoint(url="http://x/health", status=503)},
        {"errors": LoggedErrors(groups=("g",), count=1, last_at=after(LATER, -60), last="ERROR x")},
        {"stops": (restarts.crash(-5, lived_s=100),)},
    ],
)
def test_a_restart_is_not_proved_while_anything_is_amiss(changes: dict[str, Any]) -> None:
    found = judged(restart(), RESTARTED, recovered_service(**changes))
    assert (found.verdict, found.persists) == (None, True)


def test_fresh_tasks_that_keep_stopping_are_no_recovery() -> None:
    stops = (restarts.crash(-5, lived_s=100), restarts.crash(-8, lived_s=100))
    assert judged(restart(), RESTARTED, recovered_service(stops=stops)).verdict is Verdict.NOT_FIXED


def test_a_restart_is_not_proved_at_once() -> None:
    assert judged(restart(), RESTARTED, recovered_service(), now=after(NOW, 120)).verdict is None


@pytest.mark.parametrize("unread", ["service", "stops", "target_groups", "endpoint", "errors"])
def test_what_could_not_be_read_proves_nothing(unread: str) -> None:
    with pytest.raises(Unchecked):
        judged(restart(), RESTARTED, replace(recovered_service(), **{unread: restarts.gap()}))


def recovered_table(**changes: Any) -> TableRecovered:
    served = throttling.Flow(
        direction="read", consumed=tuple(throttling.Minute(after(NOW, 60 * n), 300.0) for n in range(10))
    )
    whole = TableRecovered(
        table=known(throttling.table(own=throttling.own(read=20))),
        counted=known(Counted(count=1)),
        throttles=known((served,)),
        other_throttles=known(()),
        scaling=known(()),
    )
    return replace(whole, **{k: known(v) for k, v in changes.items()})


def test_a_raise_is_proved_by_the_new_values_one_counted_item_and_quiet() -> None:
    what = capacity(read=20)
    read = throttling.evidence()
    runbook = manual_recovery(load("dynamodb_throttling"), what)
    change = Change(plan=plan(what, read), applied_at=NOW)
    context = VerificationContext(before=read, change=change, now=LATER, since=NOW)
    assert runbook.judge(recovered_table(), context).verdict is Verdict.FIXED
    assert runbook.judge(recovered_table(table=throttling.table()), context).verdict is None
    with pytest.raises(Unchecked):
        runbook.judge(replace(recovered_table(), counted=restarts.gap()), context)


def test_targets_are_proved_by_registration_health_and_endpoint() -> None:
    what = registrations(deregister="10.0.1.10")
    read = plain()
    after_it = targets.outcome(targets.target(1), endpoint=Endpoint(url="http://x/health", status=200))
    outcome = TargetsRecovered(
        group=after_it.group, endpoint=after_it.endpoint, hosts=after_it.hosts, traffic=after_it.traffic
    )
    runbook = manual_recovery(load("alb_targets_unhealthy"), what)
    change = Change(plan=plan(what, read), applied_at=NOW)
    context = VerificationContext(before=read, change=change, now=LATER, since=NOW)
    assert runbook.judge(outcome, context).verdict is Verdict.FIXED
    still = replace(outcome, group=known(targets.group()))
    assert runbook.judge(still, context).verdict is None
    down = replace(outcome, endpoint=known(Endpoint(url="http://x/health", status=503)))
    assert runbook.judge(down, context).verdict is None


@pytest.mark.parametrize("id", ["recovery.ecs", "recovery.dynamodb", "recovery.alb"])
def test_a_procedure_says_its_steps_what_proves_it_and_how_it_is_started(id):
    (procedure,) = [p for p in PROCEDURES if p.id == id]
    assert len(procedure.steps) >= 3
    assert procedure.confirm.en
    assert procedure.confirm.ja
    assert all(a.command.startswith(f"remediator recover {procedure.name} ") for a in procedure.actions)
