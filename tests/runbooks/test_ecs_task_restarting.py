from dataclasses import replace

import pytest

from remediator.core.model import Advise, Change, Plan, Verdict, Watch
from remediator.core.runbook import Setting, VerificationContext
from remediator.core.settings import Limits, Settings
from remediator.core.timestamps import after
from remediator.incidents.assessment import was_applied
from remediator.incidents.diagnosis import decide, diagnose
from remediator.problems.ecs_task_restarting import RUNBOOK
from remediator.resources.ecs.model import ContainerEnd, ContainerSpec
from remediator.resources.ecs.plans.revision import REGISTRABLE
from remediator.resources.ecs.scaling import Scaling
from remediator.resources.endpoint import Endpoint
from remediator.resources.iam.session_policy import LIMIT_CHARS, session_policy
from remediator.resources.load_balancing.model import Traffic
from remediator.resources.logs.digest import LogExcerpt
from tests.fakes import checked, operation
from tests.runbooks.evidence_of_restarts import (
    IMAGE,
    OOM,
    crash,
    definition,
    deployment,
    evidence,
    gap,
    outcome,
    revision,
    service,
    service_deployment,
    stop,
    target_group,
    unhealthy,
)
from tests.samples import DEFINITION, NOW

SETTING = Setting(now=NOW, settings=Settings(), opened_at=NOW)
OOM_LOOP = (stop(1), stop(4), stop(7))
CRASH_LOOP = (crash(1), crash(4), crash(7))
HEALTH_LOOP = (unhealthy(1), unhealthy(4), unhealthy(7))
FRESH = (service_deployment(42, 10), service_deployment(41, 60 * 24 * 30))


def cause_of(e):
    return diagnose(RUNBOOK, e, SETTING).cause


def decision_on(e, setting=SETTING):
    return decide(RUNBOOK, diagnose(RUNBOOK, e, setting), e, setting)


# -- causes: the guide's rows ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stops", "cause"),
    [
        (OOM_LOOP, "ecs_task_restarting.out_of_memory"),
        ((stop(1, containers=(replace(OOM, exit_code=1),)),), "ecs_task_restarting.out_of_memory"),
        (HEALTH_LOOP, "ecs_task_restarting.health_check_failing"),
        (
            (unhealthy(1, reason="Task failed container health checks"),),
            "ecs_task_restarting.health_check_failing",
        ),
        (CRASH_LOOP, "ecs_task_restarting.application_error"),
        ((stop(1, containers=(ContainerEnd(name="api", exit_code=0),)),), "ecs_task_restarting.application_error"),
        ((stop(1, containers=(ContainerEnd(name="api", exit_code=137),)),), None),
        ((stop(1, stop_code="UserInitiated", reason="Task stopped by user"),), None),
        ((), None),
    ],
)
def test_the_stopped_tasks_name_the_row_of_the_guide(stops, cause):
    assert cause_of(evidence(*stops)) == cause


def test_exit_137_without_a_reason_is_memory_only_where_the_tasks_were_nearly_full():
    silent = stop(1, containers=(ContainerEnd(name="api", exit_code=137),))
    assert cause_of(evidence(silent, memory_peak_pct=99.0)) == "ecs_task_restarting.out_of_memory"
    assert cause_of(evidence(silent, memory_peak_pct=60.0)) is None


def test_a_metric_that_could_not_be_read_leaves_the_cause_open_instead_of_ruling_it_out():
    silent = stop(1, containers=(ContainerEnd(name="api", exit_code=137),))
    diagnosis = diagnose(RUNBOOK, evidence(silent, memory_peak_pct=gap("Denied: no")), SETTING)
    assert diagnosis.cause is None
    assert [(o.cause, o.why) for o in diagnosis.unchecked] == [("ecs_task_restarting.out_of_memory", "Denied: no")]


def test_what_is_seen_most_often_is_acted_on_first():
    mixed = evidence(stop(1), crash(2), crash(3))
    assert cause_of(mixed) == "ecs_task_restarting.application_error"
    assert len(diagnose(RUNBOOK, mixed, SETTING).held) == 2


def test_every_fact_says_where_and_when_it_was_read():
    for held in diagnose(RUNBOOK, evidence(*OOM_LOOP), SETTING).held:
        assert held.facts
        assert all(f.source and f.at for f in held.facts)


def test_stops_that_could_not_be_read_rule_nothing_out():
    diagnosis = diagnose(RUNBOOK, evidence(stops=gap()), SETTING)
    assert diagnosis.held == diagnosis.ruled_out == ()
    assert len(diagnosis.unchecked) == 3


# -- when nothing is changed -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("one", [stop(1), crash(1), unhealthy(1)])
def test_one_stop_alone_is_watched_not_mended(one):
    assert isinstance(decision_on(evidence(one)), Watch)


@pytest.mark.parametrize("minutes", [40, 50])
def test_stops_that_have_ended_are_watched_not_mended(minutes):
    assert isinstance(decision_on(evidence(stop(minutes), stop(minutes + 3))), Watch)


def test_a_one_off_task_is_told():
    one_off = tuple(replace(s, group="family:portfolio-api") for s in OOM_LOOP)
    assert isinstance(decision_on(evidence(*one_off, service=gap("no service owns it"))), Advise)


# -- out of memory -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("task_mib", "container_mib", "told"),
    [(512, None, "512 MiB (portfolio-api:42)"), (None, 300, "api: 300 MiB (portfolio-api:42)"), (None, None, None)],
)
def test_the_limit_that_was_reached_is_told_where_one_is_set(task_mib, container_mib, found):
    limited = definition(containers=(ContainerSpec(name="api", memory_mib=container_mib),), memory_mib=task_mib)
    [cause] = diagnose(RUNBOOK, evidence(*OOM_LOOP, definition=limited), SETTING).held
    assert next((f.value for f in cause.facts if f.label.en == "task memory"), None) == found


def test_out_of_memory_registers_the_next_valid_memory_and_moves_the_service_to_it():
    plan = decision_on(evidence(*OOM_LOOP))
    assert isinstance(plan, Plan)
    assert (plan.before["memory_mib"], plan.after["memory_mib"]) == ("512", "1024")
    register, update = plan.calls
    assert register.parameters == {"memory": "1024"}
    assert register.copy.parameters == {"taskDefinition": f"{DEFINITION}:42"}
    assert update.parameters["taskDefinition"] == "${0.taskDefinition.taskDefinitionArn}"
    assert plan.undo[0].parameters["taskDefinition"] == f"{DEFINITION}:42"
    assert plan.response == "auto"


def test_the_killed_containers_own_limit_is_raised_with_the_task():
    short = definition(containers=(ContainerSpec(name="api", image=IMAGE, memory_mib=256), ContainerSpec(name="log")))
    plan = decision_on(evidence(*OOM_LOOP, definition=short))
    assert plan.calls[0].parameters["containerDefinitions"] == [{"name": "api", "memory": 512}]


@pytest.mark.parametrize(
    ("cpu", "memory", "ceiling", "raised"),
    [
        (256, 512, 8192, 1024),
        (256, 1024, 8192, 2048),
        (1024, 2048, 8192, 3072),
        (512, 1024, 1024, None),
        (256, 2048, 8192, None),
    ],
)
def test_memory_is_raised_to_the_next_valid_size_within_the_ceiling(cpu, memory, ceiling, raised):
    e = evidence(*OOM_LOOP, definition=definition(cpu_units=cpu, memory_mib=memory))
    decision = decision_on(e, replace(SETTING, settings=Settings(limits=Limits(memory_ceiling_mib=ceiling))))
    assert (int(decision.after["memory_mib"]) if raised else decision.__class__) == (raised or Advise)


def test_the_monthly_cost_counts_every_task_that_autoscaling_may_start():
    alone = decision_on(evidence(*OOM_LOOP)).cost_per_month_usd
    scaled = decision_on(evidence(*OOM_LOOP, scaling=Scaling(owned=True, minimum=2, maximum=10))).cost_per_month_usd
    assert alone == pytest.approx(0.5 * 2 * 730 * 0.00553, abs=0.01)
    assert scaled == pytest.approx(5 * alone, abs=0.05)


def test_a_raise_above_the_cost_ceiling_asks():
    cheap = replace(SETTING, settings=Settings(limits=Limits(cost_ceiling_usd_per_month=1)))
    assert decision_on(evidence(*OOM_LOOP), cheap).response == "ask"


def test_on_ec2_a_person_is_asked():
    limited = definition(containers=(ContainerSpec(name="api", memory_mib=300),), memory_mib=None, cpu_units=None)
    plan = decision_on(evidence(*OOM_LOOP, service=service(launch="EC2"), definition=limited))
    assert plan.response == "ask"
    assert plan.calls[0].parameters == {"containerDefinitions": [{"name": "api", "memory": 600}]}


def test_killed_tasks_of_an_older_definition_change_nothing():
    moved = service(task_definition=f"{DEFINITION}:43")
    assert isinstance(decision_on(evidence(*OOM_LOOP, service=moved)), Watch)


def test_no_environment_of_a_container_is_in_the_plan():
    assert "environment" not in repr(decision_on(evidence(*OOM_LOOP)))


# -- application error and roll back -----------------------------------------------------------------------------------


def test_an_error_that_came_with_a_deployment_rolls_back():
    plan = decision_on(evidence(*CRASH_LOOP, deployments=FRESH))
    assert plan.fix == "roll_back"
    assert plan.calls[0].parameters["taskDefinition"] == f"{DEFINITION}:41"
    assert plan.undo[0].parameters["taskDefinition"] == f"{DEFINITION}:42"


def test_a_deployment_in_progress_is_stopped_with_rollback():
    going = (service_deployment(42, 10, "IN_PROGRESS"), FRESH[1])
    plan = decision_on(evidence(*CRASH_LOOP, deployments=going))
    assert [c.action for c in plan.calls] == ["ecs:StopServiceDeployment"]
    assert plan.calls[0].parameters["stopType"] == "ROLLBACK"


@pytest.mark.parametrize("status", ["ROLLBACK_IN_PROGRESS", "ROLLBACK_REQUESTED", "STOP_REQUESTED"])
def test_a_deployment_that_rolls_back_already_is_watched(status):
    assert isinstance(
        decision_on(evidence(*CRASH_LOOP, deployments=(service_deployment(42, 10, status), FRESH[1]))), Watch
    )


@pytest.mark.parametrize("status", ["ROLLBACK_SUCCESSFUL", "STOPPED", "SUCCESSFUL"])
def test_a_service_that_has_left_the_bad_revision_is_watched(status):
    back = service(task_definition=f"{DEFINITION}:41")
    done = (service_deployment(42, 10, status), FRESH[1])
    assert isinstance(decision_on(evidence(*CRASH_LOOP, deployments=done, service=back)), Watch)


def test_a_service_whose_own_circuit_breaker_rolls_back_is_watched():
    going = (service_deployment(42, 10, "IN_PROGRESS"), FRESH[1])
    careful = service(breaker_rolls_back=True)
    assert isinstance(decision_on(evidence(*CRASH_LOOP, deployments=going, service=careful)), Watch)


@pytest.mark.parametrize(
    ("why", "changes"),
    [
        ("another controller", {"service": service(controller="CODE_DEPLOY")}),
        ("no good deployment", {"deployments": FRESH[:1]}),
        (
            "same definition",
            {"deployments": (FRESH[0], service_deployment(41, 99, task_definition=f"{DEFINITION}:42"))},
        ),
        ("other network", {"deployments": (FRESH[0], service_deployment(41, 99, network={"subnets": ["other"]}))}),
        ("other balancer", {"deployments": (FRESH[0], service_deployment(41, 99, load_balancers=({"x": 1},)))}),
        ("deregistered", {"good_definition": definition(active=False)}),
        ("image gone", {"good_images": ()}),
        ("image unknown", {"good_images": gap("NotFound: image")}),
        ("deployed two days ago", {"deployments": (service_deployment(42, 60 * 49), FRESH[1])}),
        ("symptom older than the deployment", {"deployments": (service_deployment(42, 5), FRESH[1])}),
        ("other definition failing", {"deployments": (service_deployment(43, 10), FRESH[1])}),
        ("deployments unreadable", {"deployments": gap()}),
    ],
)
def test_nothing_is_rolled_back_unless_every_condition_holds(why, changes):
    decision = decision_on(evidence(*CRASH_LOOP, **{"deployments": FRESH, **changes}))
    assert isinstance(decision, Advise), why


def test_why_nothing_was_rolled_back_is_told():
    decision = decision_on(evidence(*CRASH_LOOP, deployments=FRESH, good_definition=definition(active=False)))
    assert isinstance(decision, Advise)
    assert any("deregistered" in why.en for why in decision.passed_over)
    assert all("deregistered" not in why.en for why in (decision.why,))


def test_an_error_without_a_deployment_is_told_with_its_first_stack_trace():
    words = LogExcerpt(group="/g", stream="s", lines=9, trace=("Traceback", "ValueError: boom"))
    found = decision_on(evidence(*CRASH_LOOP, last_words=words))
    assert isinstance(found, Advise)
    assert found.quote == ("Traceback", "ValueError: boom")
    assert any(c.startswith("aws logs get-log-events --log-group-name /g") for c in found.commands)


# -- health checks -----------------------------------------------------------------------------------------------------


def test_a_health_check_that_fails_since_a_deployment_rolls_back():
    assert decision_on(evidence(*HEALTH_LOOP, deployments=FRESH)).fix == "roll_back"


def test_tasks_killed_while_they_start_get_a_longer_grace_period():
    plan = decision_on(evidence(*HEALTH_LOOP))
    assert plan.fix == "lengthen_grace"
    assert plan.calls[0].parameters["healthCheckGracePeriodSeconds"] == 130
    assert plan.undo[0].parameters["healthCheckGracePeriodSeconds"] == 0
    assert plan.worse is not None


@pytest.mark.parametrize(
    ("why", "changes"),
    [
        ("lived long", {"stops": tuple(unhealthy(m, lived_s=4000) for m in (1, 4))}),
        ("never healthy", {"deployments": (), "target_groups": (target_group("unhealthy"),)}),
        (
            "container health check",
            {"stops": tuple(unhealthy(m, reason="Task failed container health checks") for m in (1, 4))},
        ),
        ("at its ceiling", {"service": service(grace_s=600)}),
    ],
)
def test_the_grace_period_is_left_alone_otherwise(why, changes):
    decision = decision_on(evidence(*HEALTH_LOOP, **changes))
    assert getattr(decision, "fix", "") != "lengthen_grace", why


def test_the_grace_period_never_passes_its_ceiling():
    slow = tuple(unhealthy(m, lived_s=590) for m in (1, 11))
    assert decision_on(evidence(*slow, service=service(grace_s=550))).after["healthCheckGracePeriodSeconds"] == "600"


def test_tasks_that_were_healthy_for_long_are_replaced_where_the_image_is_pinned():
    late = tuple(unhealthy(m, lived_s=4000) for m in (1, 4))
    plan = decision_on(evidence(*late))
    assert (plan.fix, plan.response) == ("force_new_deployment", "auto")
    assert plan.undo == ()
    assert plan.no_undo is not None


@pytest.mark.parametrize("same", [False, gap("NotFound: the tag is gone")])
def test_an_image_that_may_have_changed_asks_before_tasks_are_replaced(same):
    late = tuple(unhealthy(m, lived_s=4000) for m in (1, 4))
    assert decision_on(evidence(*late, same_images=same)).response == "ask"


def test_errors_in_the_log_are_told_instead_of_restarting_once_more():
    late = tuple(unhealthy(m, lived_s=4000) for m in (1, 4))
    words = LogExcerpt(group="/g", stream="s", lines=9, errors=("ERROR no database",))
    found = decision_on(evidence(*late, last_words=words))
    assert isinstance(found, Advise)
    assert found.quote == ("ERROR no database",)


# -- every plan --------------------------------------------------------------------------------------------------------

PLANS = {
    "raise_memory": evidence(*OOM_LOOP),
    "raise_memory_ec2": evidence(
        *OOM_LOOP,
        service=service(launch="EC2"),
        definition=definition(containers=(ContainerSpec(name="api", memory_mib=300),), memory_mib=None),
    ),
    "roll_back": evidence(*CRASH_LOOP, deployments=FRESH),
    "stop_deployment": evidence(*CRASH_LOOP, deployments=(service_deployment(42, 10, "IN_PROGRESS"), FRESH[1])),
    "lengthen_grace": evidence(*HEALTH_LOOP),
    "force_new_deployment": evidence(*(unhealthy(m, lived_s=4000) for m in (1, 4))),
}


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_is_spelled_as_aws_does_and_fits_a_session_policy(name):
    plan = decision_on(PLANS[name])
    for call in (*plan.calls, *plan.undo):
        model = operation(call.action).input_shape
        assert set(call.parameters) <= set(model.members)
        if call.copy is None:
            checked(model, call.parameters, call.action)
        else:
            assert set(call.copy.keep) <= set(model.members)
            assert set(REGISTRABLE) == set(call.copy.keep)
    assert len(session_policy(plan.calls)) <= LIMIT_CHARS


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_states_its_undo_or_why_there_is_none_and_an_automatic_one_of_settings_has_one(name):
    plan = decision_on(PLANS[name])
    assert bool(plan.undo) != bool(plan.no_undo)
    assert plan.hash == decision_on(PLANS[name]).hash


@pytest.mark.parametrize("name", PLANS)
def test_whether_a_lost_write_was_made_is_told_by_the_pre_image(name):
    plan = decision_on(PLANS[name])
    now = dict(RUNBOOK.current_values(PLANS[name]))
    assert was_applied(plan, now) is False
    key = next(k for k in plan.before if k in now)
    assert was_applied(plan, {**now, key: "something else"}) is True
    assert was_applied(plan, {}) is None


# -- proof -------------------------------------------------------------------------------------------------------------


def judged(after_, e, change=None, minutes=0.0):
    since = change.applied_at if change else NOW
    return RUNBOOK.judge(
        after_, VerificationContext(before=e, change=change, now=after(NOW, 60 * minutes), since=since)
    )


def changed(e):
    return Change(plan=decision_on(e), applied_at=NOW)


MEMORY = evidence(*OOM_LOOP)
NEW = f"{DEFINITION}:43"
MOVED = service(task_definition=NEW)


def test_fixed_needs_twice_the_observed_time_between_kills():
    assert judged(outcome(service=MOVED), MEMORY, changed(MEMORY), minutes=5).verdict is None
    assert judged(outcome(service=MOVED), MEMORY, changed(MEMORY), minutes=7).verdict is Verdict.FIXED


def test_a_kill_of_the_new_revision_is_not_fixed():
    killed = stop(-3, lived_s=60, task_definition=NEW)
    assert judged(outcome(killed, service=MOVED), MEMORY, changed(MEMORY), minutes=4).verdict is Verdict.NOT_FIXED


def test_a_kill_of_an_old_task_does_not_speak_against_the_change():
    old = stop(-3, lived_s=600)
    assert judged(outcome(old, service=MOVED), MEMORY, changed(MEMORY), minutes=20).verdict is Verdict.FIXED


@pytest.mark.parametrize(
    ("why", "changes"),
    [
        ("tasks missing", {"service": replace(MOVED, running=1)}),
        ("roll-out going on", {"service": replace(MOVED, deployments=(deployment(rollout="IN_PROGRESS"),))}),
        ("unhealthy target", {"target_groups": (target_group("healthy", "unhealthy"),)}),
        ("no target", {"target_groups": (replace(target_group(), targets=()),)}),
        ("endpoint fails", {"endpoint": Endpoint(url="http://x/health", status=503)}),
        ("scaled to zero", {"service": replace(MOVED, desired=0, running=0)}),
    ],
)
def test_quiet_alone_is_not_a_pass(why, changes):
    found = judged(outcome(**{"service": MOVED, **changes}), MEMORY, changed(MEMORY), minutes=20)
    assert found.verdict is None, why
    assert found.persists


def test_recovery_without_a_change_is_not_claimed():
    assert judged(outcome(stop(5)), MEMORY, minutes=20).verdict is Verdict.RECOVERED_WITHOUT_US


GRACE = evidence(*HEALTH_LOOP)


def test_a_longer_grace_period_that_raises_the_error_share_is_worse():
    bad = Traffic(window_s=900, requests=1000, recent_requests=1000, recent_failed=100)
    found = judged(outcome(traffic=bad), GRACE, changed(GRACE), minutes=3)
    assert found.worse
    assert found.verdict is None


def test_it_is_not_worse_before_fresh_tasks_have_had_time_to_start():
    bad = Traffic(window_s=120, requests=1000, recent_requests=1000, recent_failed=900)
    assert not judged(outcome(traffic=bad), GRACE, changed(GRACE), minutes=1).worse


def test_a_handful_of_requests_is_not_worse():
    few = Traffic(window_s=900, requests=4, recent_requests=4, recent_failed=4)
    assert not judged(outcome(traffic=few), GRACE, changed(GRACE), minutes=3).worse


def test_only_a_fix_that_declares_it_can_be_worse():
    bad = Traffic(window_s=900, requests=1000, recent_requests=1000, recent_failed=500)
    assert not judged(outcome(traffic=bad, service=MOVED), MEMORY, changed(MEMORY), minutes=3).worse


# -- the opt-in --------------------------------------------------------------------------------------------------------


def test_the_opt_in_is_the_tag_of_the_service_and_a_one_off_task_has_none():
    assert RUNBOOK.opt_in_tag(evidence(*OOM_LOOP)) == "auto"
    one_off = tuple(replace(s, group="family:x") for s in OOM_LOOP)
    assert RUNBOOK.opt_in_tag(evidence(*one_off)) is None


def test_the_last_good_revision_is_told_apart_from_the_current_one():
    assert revision(41).arn != revision(42).arn
