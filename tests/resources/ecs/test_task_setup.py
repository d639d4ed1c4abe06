"""Names of images, differences of revisions, and sizes that Fargate runs."""

import pytest

from remediator.resources.ecs.capacity import (
    FARGATE_MIB,
    Instance,
    largest_left,
    nearest_fargate,
    room,
    valid_on_fargate,
    wanted,
)
from remediator.resources.ecs.model import ContainerSpec
from remediator.resources.ecs.task_setup import DIFFERENCES_SHOWN, Difference, difference_facts, differences, ecr_name
from tests.problems.ecs_task_not_starting.samples import setup
from tests.problems.ecs_task_restarting.samples import definition
from tests.samples import NOW

ECR = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com"


@pytest.mark.parametrize(
    ("image", "parts"),
    [
        (f"{ECR}/api:1.5.0", ("api", "1.5.0")),
        (f"{ECR}/team/api", ("team/api", "latest")),
        (f"{ECR}/api:1.5.0@sha256:{'a' * 64}", ("api", f"sha256:{'a' * 64}")),
        ("api:1", None),
        ("public.ecr.aws/docker/library/nginx:1", None),
        ("localhost:5000/api", None),
    ],
)
def test_an_image_of_ecr_has_registry_repository_and_reference(image, parts):
    name = ecr_name(image)
    assert (name and (name.repository, name.reference)) == parts


def test_revisions_differ_in_what_one_lacks_and_in_what_both_have_otherwise():
    good = setup(fields={"cpu": "256", "api.image": "a:1", "api.user": "app"})
    bad = setup(fields={"cpu": "256", "api.image": "a:2", "api.secret X": "arn"})
    assert differences(good, bad) == (
        Difference("api.image", "a:1", "a:2"),
        Difference("api.secret X", "-", "arn"),
        Difference("api.user", "app", "-"),
    )


def test_a_report_shows_the_first_differences_and_counts_the_rest():
    many = tuple(Difference(f"p{n}", "-", "x") for n in range(DIFFERENCES_SHOWN + 3))
    facts = difference_facts(many, "test", NOW)
    assert len(facts) == DIFFERENCES_SHOWN + 1
    assert facts[-1].value == "3"


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [
        ((256, 512), (256, 512)),
        ((300, 512), (512, 1024)),
        ((256, 4096), (512, 4096)),
        ((1024, 1024), (1024, 2048)),
        ((1024, 100_000), (16384, 106496)),
        ((40_000, 512), (32768, 249856)),
    ],
)
def test_the_nearest_size_gives_at_least_what_was_asked_for(asked, nearest):
    assert nearest_fargate(*asked) == nearest
    assert valid_on_fargate(*nearest)


def test_every_pair_of_the_table_is_its_own_nearest():
    for cpu, sizes in FARGATE_MIB.items():
        assert [nearest_fargate(cpu, mib) for mib in sizes] == [(cpu, mib) for mib in sizes]


def test_only_instances_that_ecs_places_tasks_on_have_room():
    instances = (
        Instance(id="i-1", cpu_left=1024, memory_left_mib=200),
        Instance(id="i-2", cpu_left=256, memory_left_mib=2048),
        Instance(id="i-3", status="DRAINING", cpu_left=4096, memory_left_mib=8192),
    )
    assert room(instances, 512, 512) == 0
    assert room(instances, 256, 512) == 1
    assert largest_left(instances) == (1024, 2048)
    assert largest_left(()) == (0, 0)


def test_a_task_without_a_size_of_its_own_wants_what_its_containers_want_together():
    api = ContainerSpec(name="api", cpu_units=128, memory_mib=512)
    proxy = ContainerSpec(name="proxy", cpu_units=64, memory_mib=256, reserved_mib=64)
    assert wanted(definition(cpu_units=None, memory_mib=None, containers=(api, proxy))) == (192, 576)
    assert wanted(definition(containers=(api, proxy))) == (256, 512)
