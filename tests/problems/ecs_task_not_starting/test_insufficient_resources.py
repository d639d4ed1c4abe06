from dataclasses import replace

from remediator.core.plan import Advise, Watch
from remediator.core.timestamps import after
from remediator.resources.ecs.capacity import Instance

from ...samples import DEFINITION, NOW
from ..ecs_task_restarting.samples import definition, service
from .samples import NO_ROOM, evidence, said
from .setting import SETTING, decision_on

LATER = replace(SETTING, opened_at=after(NOW, -1200))


def test_missing_capacity_is_watched_for_a_quarter_of_an_hour_and_then_told():
    short = evidence(said=(said(2, NO_ROOM),))
    assert isinstance(decision_on(short), Watch)
    found = decision_on(short, LATER)
    assert isinstance(found, Advise)
    assert "subnet" in found.why.en


def test_where_only_spot_is_used_a_person_is_told_the_on_demand_way():
    spot = evidence(said=(said(2, NO_ROOM),), service=service(running=2, desired=3, providers=("FARGATE_SPOT",)))
    assert "capacityProvider=FARGATE," in " ".join(decision_on(spot, LATER).commands)


def test_capacity_that_came_back_is_watched():
    assert isinstance(decision_on(evidence(said=(said(2, NO_ROOM),), service=service()), LATER), Watch)


def test_a_size_that_fargate_does_not_run_asks_for_the_nearest_one():
    wrong = evidence(said=(said(2, NO_ROOM),), definition=definition(cpu_units=300))
    plan = decision_on(wrong)
    assert (plan.fix, plan.response) == ("correct_size", "ask")
    assert plan.before["cpu / memory_mib"] == "300 / 512"
    assert plan.calls[0].parameters == {"cpu": "512", "memory": "1024"}
    assert plan.calls[0].copy.parameters == {"taskDefinition": f"{DEFINITION}:42"}
    assert plan.undo[0].parameters["taskDefinition"] == f"{DEFINITION}:42"


def test_on_ec2_the_room_of_the_instances_is_told():
    instances = (
        Instance(id="i-1", cpu_left=128, memory_left_mib=4000),
        Instance(id="i-2", connected=False, cpu_left=999),
    )
    no_instance = "(service portfolio-api-service) was unable to place a task because no container instance met all of its requirements."
    found = decision_on(
        evidence(said=(said(2, no_instance),), instances=instances, service=service(launch="EC2", running=2, desired=3))
    )
    assert "0 of 2 container instances have room for 256 CPU units and 512 MiB" in found.why.en
    assert "128 units and 4000 MiB" in found.why.en
