from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from remediator.core.errors import Retryable
from sandbox import applications as programs
from sandbox import names
from sandbox.environment import connected_clients
from sandbox.portfolio import register

from .sandbox_world import let_pass, open_world

HERE = {"cluster": names.CLUSTER, "service": names.SERVICE}


@pytest.fixture
def world():
    with open_world() as opened:
        yield opened


@pytest.fixture
def ecs(world):
    return connected_clients()("ecs")


def _stopped(world):
    return [t for t in world.fleet.tasks if t.status == "STOPPED"]


def _stops_between(world, seconds):
    before = len(_stopped(world))
    let_pass(world, seconds)
    return len(_stopped(world)) - before


def test_a_healthy_service_stays_up(world):
    world.run_service()
    assert _stops_between(world, 3600) == 0
    assert world.http_get(f"http://{world.portfolio.dns_name}/health").status == 200


def test_a_program_that_needs_more_than_its_limit_is_killed_again_and_again(world):
    world.run_service()
    world.fall_ill(programs.LEAKS)
    let_pass(world, 600)
    assert len(_stopped(world)) > 5
    assert {(t.exit_code, t.container_reason[:11]) for t in _stopped(world)} == {(137, "OutOfMemory")}


def test_memory_ends_the_kills_and_too_little_of_it_does_not(world, ecs):
    world.run_service(launch_type="EC2")  # Fargate runs no task of 768 MiB
    world.fall_ill(programs.LEAKS)
    let_pass(world, 300)

    little = register(connected_clients(), names.image("1.4.2"), memory_mib=768, launch_type="EC2")
    ecs.update_service(**HERE, taskDefinition=little)
    let_pass(world, 300)
    assert _stops_between(world, 300) > 0

    enough = register(connected_clients(), names.image("1.4.2"), memory_mib=1024, launch_type="EC2")
    ecs.update_service(**HERE, taskDefinition=enough)
    let_pass(world, 300)
    assert _stops_between(world, 1800) == 0


def test_fresh_tasks_of_the_same_definition_do_not_end_the_kills(world, ecs):
    world.run_service()
    world.fall_ill(programs.LEAKS)
    ecs.update_service(**HERE, forceNewDeployment=True)
    let_pass(world, 300)
    assert _stops_between(world, 300) > 0


@pytest.mark.parametrize(("grace_s", "goes_on"), [(0, True), (70, True), (120, False)])
def test_only_a_grace_period_longer_than_the_start_ends_health_check_kills(world, ecs, grace_s, goes_on):
    world.run_service()
    world.fall_ill(programs.STARTS_SLOWLY)
    ecs.update_service(**HERE, healthCheckGracePeriodSeconds=grace_s)
    let_pass(world, 600)
    assert (_stops_between(world, 600) > 0) is goes_on


def test_a_longer_grace_period_starts_no_deployment(world, ecs):
    world.run_service()
    ecs.update_service(**HERE, healthCheckGracePeriodSeconds=120)
    assert len(ecs.list_service_deployments(**HERE)["serviceDeployments"]) == 1


def test_rolling_back_ends_what_a_release_broke(world, ecs):
    service = world.run_service()
    good = service.primary.definition.arn
    world.deploy("1.5.0", programs.TURNS_SICK)
    let_pass(world, 400)
    assert (
        ecs.describe_services(cluster=names.CLUSTER, services=[names.SERVICE])["services"][0]["taskDefinition"] != good
    )

    ecs.update_service(**HERE, taskDefinition=good)
    let_pass(world, 400)
    assert _stops_between(world, 1200) == 0


def test_a_deployment_that_never_gets_healthy_stays_in_progress_and_keeps_the_old_tasks(world, ecs):
    world.run_service()
    world.deploy("1.5.0", programs.NEVER_READY)
    let_pass(world, 600)
    (newest, before) = ecs.list_service_deployments(**HERE)["serviceDeployments"]
    assert (newest["status"], before["status"]) == ("IN_PROGRESS", "SUCCESSFUL")
    assert world.http_get(f"http://{world.portfolio.dns_name}/health").status == 200


def test_stopping_a_deployment_with_rollback_brings_the_old_revision_back(world, ecs):
    world.run_service()
    world.deploy("1.5.0", programs.NEVER_READY)
    let_pass(world, 200)
    arn = ecs.list_service_deployments(**HERE)["serviceDeployments"][0]["serviceDeploymentArn"]

    ecs.stop_service_deployment(serviceDeploymentArn=arn, stopType="ROLLBACK")
    let_pass(world, 200)

    newest = ecs.list_service_deployments(**HERE)["serviceDeployments"][0]
    assert newest["status"] == "ROLLBACK_SUCCESSFUL"
    assert _stops_between(world, 1200) == 0
    with pytest.raises(ClientError, match="ConflictException"):
        ecs.stop_service_deployment(serviceDeploymentArn=arn, stopType="ROLLBACK")


def test_the_circuit_breaker_rolls_back_by_itself(world, ecs):
    world.run_service(breaker_rolls_back=True)
    world.deploy("1.5.0", programs.NEVER_READY)
    let_pass(world, 600)
    newest = ecs.list_service_deployments(**HERE)["serviceDeployments"][0]
    response = ecs.describe_service_deployments(serviceDeploymentArns=[newest["serviceDeploymentArn"]])
    assert response["serviceDeployments"][0]["deploymentCircuitBreaker"]["status"] == "TRIGGERED"
    assert newest["status"] == "ROLLBACK_SUCCESSFUL"


def test_metrics_follow_what_the_tasks_do(world):
    world.run_service()
    let_pass(world, 600)
    calm = _sum_5xx(world, 600)
    world.fall_ill(programs.CRASHES)
    let_pass(world, 600)
    assert calm == 0
    assert _sum_5xx(world, 600) > 0


def _sum_5xx(world, seconds):
    balancer = {"Name": "LoadBalancer", "Value": world.portfolio.load_balancer_suffix}
    group = {"Name": "TargetGroup", "Value": world.portfolio.target_group_suffix}
    response = connected_clients()("cloudwatch").get_metric_statistics(
        Namespace="AWS/ApplicationELB",
        MetricName="HTTPCode_Target_5XX_Count",
        Dimensions=[balancer, group],
        StartTime=world.clock.now() - timedelta(seconds=seconds),
        EndTime=world.clock.now(),
        Period=60,
        Statistics=["Sum"],
    )
    return sum(p["Sum"] for p in response["Datapoints"])


def test_tasks_write_their_stack_trace_before_they_end(world):
    world.run_service()
    world.fall_ill(programs.CRASHES)
    let_pass(world, 120)
    logs = connected_clients()("logs")
    found = logs.filter_log_events(logGroupName=names.LOG_GROUP, filterPattern="?KeyError ?Traceback -INFO")["events"]
    assert {e["message"].split()[0] for e in found} == {"Traceback", "KeyError:"}


def test_a_pattern_that_the_sandbox_cannot_match_is_not_guessed(world):
    with pytest.raises(NotImplementedError):
        connected_clients()("logs").filter_log_events(logGroupName=names.LOG_GROUP, filterPattern="{ $.level = ERROR }")


def test_a_denied_action_is_refused_as_iam_refuses(world):
    world.deny("logs:GetLogEvents")
    with pytest.raises(ClientError) as refused:
        connected_clients()("logs").get_log_events(logGroupName=names.LOG_GROUP, logStreamName="api/x/y")
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
    assert world.requests[-1].error == "AccessDeniedException"


def test_throttling_is_seen_by_the_clients_own_retries(world, ecs):
    world.run_service()
    world.throttle("ecs:DescribeServices", 2)
    ecs.describe_services(cluster=names.CLUSTER, services=[names.SERVICE])
    assert [r.error for r in world.requests] == ["ThrottlingException", "ThrottlingException", ""]


def test_a_service_that_vanished_is_missing(world, ecs):
    world.run_service()
    world.vanish()
    response = ecs.describe_services(cluster=names.CLUSTER, services=[names.SERVICE])
    assert (response["services"], response["failures"][0]["reason"]) == ([], "MISSING")


def test_a_session_policy_bounds_what_a_role_may_do(world):
    world.run_service()
    clients = connected_clients()
    policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ecs:UpdateService"],"Resource":"*"}]}'
    role = "arn:aws:iam::123456789012:role/remediator-fix-ecs-task-restarting"
    session = clients("sts").assume_role(RoleArn=role, RoleSessionName="test", Policy=policy)
    as_role = clients.as_role("ecs", session["Credentials"])

    as_role.update_service(**HERE, healthCheckGracePeriodSeconds=60)
    with pytest.raises(ClientError, match="AccessDenied"):
        as_role.list_tasks(cluster=names.CLUSTER)

    assert [(w.action, w.role) for w in world.writes] == [("ecs:UpdateService", role)]


def test_a_role_that_there_is_not_cannot_be_assumed(world):
    with pytest.raises(ClientError, match="AccessDenied"):
        connected_clients()("sts").assume_role(RoleArn="arn:aws:iam::123456789012:role/other", RoleSessionName="test")


def test_what_is_published_can_be_read_back(world):
    sns = connected_clients()("sns")
    sns.publish(TopicArn=world.portfolio.topics["high"], Subject="hello", Message="world")
    assert len(list(world.inbox("high"))) == 1
    assert list(world.inbox("high")) == []


def test_no_endpoint_answers_under_another_name(world):
    with pytest.raises(Retryable):
        world.http_get("http://example.invalid/health")


def test_only_one_world_at_a_time(world):
    with pytest.raises(RuntimeError, match="one sandbox"), open_world():
        pass


def test_a_closed_world_reaches_nothing():
    with open_world():
        pass
    with pytest.raises(RuntimeError, match="no sandbox is open"):
        connected_clients()("ecs").list_clusters()
