from dataclasses import replace

import pytest

from remediator.core.plan import Advise, Plan, Watch
from remediator.core.settings import Limits, Settings
from remediator.incidents.diagnosis import diagnose
from remediator.problems.ecs_task_restarting.runbook import RUNBOOK
from remediator.resources.ecs.model import ContainerSpec
from remediator.resources.ecs.scaling import Scaling

from ...samples import DEFINITION
from .samples import IMAGE, definition, evidence, service
from .setting import OOM_LOOP, SETTING, decision_on


@pytest.mark.parametrize(
    ("task_mib", "container_mib", "found"),
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
