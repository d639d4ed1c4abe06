"""What a task of the sandbox needs before it runs: what ends the cause lets the next one start, what does not, does not."""

import itertools
from datetime import timedelta

import pytest

from sandbox import applications as programs
from sandbox import names, portfolio
from sandbox.environment import connected_clients
from sandbox.vpc import network

from .sandbox_world import let_pass, open_world

SECRET = f"arn:aws:secretsmanager:{names.REGION}:{names.ACCOUNT}:secret:portfolio/db-8Kx2Qa"
ROLE = portfolio.EXECUTION_ROLE.rsplit("/", 1)[-1]


@pytest.fixture
def world():
    with open_world() as opened:
        opened.run_service()
        yield opened


def one_more(world):
    world.fleet.scale(world.service, 3, world.clock.now())
    let_pass(world, 150)


def running(world):
    return sum(t.status == "RUNNING" for t in world.fleet.tasks_of(world.service))


def reasons(world):
    stopped = [t for t in world.fleet.tasks_of(world.service) if t.stop_code == "TaskFailedToStart"]
    return [t.container_reason or t.stopped_reason for t in stopped]


def may(world, *actions):
    with world.behind_the_scenes():
        portfolio.grant(connected_clients()("iam"), *actions)


def shut_in(world, *services, admitted=True):
    with world.behind_the_scenes():
        return network.shut_in(connected_clients(), world.portfolio.network, *services, admitted=admitted)


def test_a_sound_account_lets_every_task_start(world):
    one_more(world)
    assert running(world) == 3
    assert reasons(world) == []


def test_a_missing_image_stops_starts_until_it_is_pushed(world):
    world.account.images.clear()
    one_more(world)
    assert running(world) == 2
    assert all("not found" in r for r in reasons(world))
    world.push("1.4.1")
    let_pass(world, 150)
    assert running(world) == 2
    world.push("1.4.2")
    let_pass(world, 150)
    assert running(world) == 3


def test_a_missing_right_stops_starts_until_just_that_one_is_given(world):
    may(world, *portfolio.LOG)
    one_more(world)
    assert any("ecr:GetAuthorizationToken" in r for r in reasons(world))
    may(world, *portfolio.LOG, "ecr:GetAuthorizationToken")
    let_pass(world, 150)
    assert running(world) == 2
    may(world, *portfolio.STARTS)
    let_pass(world, 150)
    assert running(world) == 3


def test_a_role_that_is_gone_lets_no_task_be_made(world):
    world.someone("iam", "delete_role_policy", RoleName=ROLE, PolicyName="start")
    world.someone("iam", "delete_role", RoleName=ROLE)
    one_more(world)
    assert reasons(world) == []
    assert "unable to assume the role" in world.service.events[0][1]
    found = [e for e in world.events if e["detail-type"] == "ECS Service Action"]
    assert found
    assert found[0]["detail"]["eventName"] == "SERVICE_TASK_CONFIGURATION_FAILURE"


def test_a_closed_endpoint_stops_starts_until_its_group_admits_the_tasks_group(world):
    endpoints = shut_in(world, "ecr.api", "ecr.dkr", "s3", "logs", admitted=False)
    one_more(world)
    assert all("connection issue" in r for r in reasons(world))
    place = world.portfolio.network
    other_port = network.rule_for(place.task_group, 8443)
    world.someone("ec2", "authorize_security_group_ingress", GroupId=endpoints, IpPermissions=[other_port])
    let_pass(world, 150)
    assert running(world) == 2
    https = network.rule_for(place.task_group, 443)
    world.someone("ec2", "authorize_security_group_ingress", GroupId=endpoints, IpPermissions=[https])
    let_pass(world, 150)
    assert running(world) == 3


@pytest.mark.parametrize(
    ("services", "said"),
    [
        (("ecr.dkr", "s3", "logs"), "api.ecr"),
        (("ecr.api", "s3", "logs"), "i/o timeout"),
        (("ecr.api", "ecr.dkr", "logs"), "i/o timeout"),
        (("ecr.api", "ecr.dkr", "s3"), "https://logs"),
    ],
)
def test_each_service_needs_its_own_way(world, services, said):
    shut_in(world, *services)
    one_more(world)
    assert running(world) == 2
    assert all(said in r for r in reasons(world))


def test_a_secret_must_be_there_and_may_be_read(world):
    world.deploy("1.5.0", programs.HEALTHY, secrets={"DATABASE_URL": SECRET})
    let_pass(world, 60)
    assert "secretsmanager:GetSecretValue" in reasons(world)[-1]
    may(world, *portfolio.STARTS, "secretsmanager:GetSecretValue")
    let_pass(world, 150)
    assert "can't find the specified secret" in reasons(world)[-1]
    world.starting.secrets = frozenset((SECRET,))
    let_pass(world, 300)
    assert world.service.primary.rollout == "COMPLETED"


def test_without_room_no_task_is_made_until_there_is_some(world):
    world.starting.room_from = world.clock.now() + timedelta(seconds=200)
    one_more(world)
    assert running(world) == 2
    assert "Capacity is unavailable" in world.service.events[0][1]
    let_pass(world, 200)
    assert running(world) == 3


def test_a_size_that_fargate_does_not_run_is_refused_and_a_valid_one_runs(world):
    world.deploy("1.5.0", programs.HEALTHY, cpu_units=300)
    let_pass(world, 120)
    assert running(world) == 2
    assert "No Fargate configuration exists for given values: 300 CPU, 512 memory" in world.service.events[0][1]
    world.deploy("1.5.0", programs.HEALTHY, cpu_units=512, memory_mib=1024)
    let_pass(world, 300)
    assert world.service.primary.rollout == "COMPLETED"


def test_starts_that_fail_in_a_row_are_tried_ever_later(world):
    world.account.images.clear()
    world.fleet.scale(world.service, 3, world.clock.now())
    let_pass(world, 3600)
    made = sorted(t.created_at for t in world.fleet.tasks_of(world.service) if t.stop_code == "TaskFailedToStart")
    between = [(b - a).total_seconds() for a, b in itertools.pairwise(made)]
    assert between == sorted(between)
    assert between[-1] > 60
