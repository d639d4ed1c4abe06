from dataclasses import replace

import pytest

from remediator.incidents.diagnosis import diagnose
from remediator.problems.ecs_task_restarting.runbook import RUNBOOK
from remediator.resources.ecs.model import ContainerEnd

from .samples import OOM, crash, evidence, gap, stop, unhealthy
from .setting import CRASH_LOOP, HEALTH_LOOP, OOM_LOOP, SETTING


def cause_of(e):
    return diagnose(RUNBOOK, e, SETTING).cause


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
