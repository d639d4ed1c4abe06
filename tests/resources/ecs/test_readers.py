"""Readers on answers in AWS's own shape; requests and answers are checked against botocore's models."""

from datetime import UTC, datetime

import pytest

from remediator.core.errors import NotFound, Rejected
from remediator.core.model import Resource
from remediator.core.ports import Scope
from remediator.core.settings import Settings, Workload
from remediator.resources import cloudformation
from remediator.resources import endpoint as health_endpoint
from remediator.resources.ecs.model import ContainerSpec, Revision, ServiceDeployment, TaskDefinition
from remediator.resources.ecs.readers import application_log as ecs_application_log
from remediator.resources.ecs.readers import backends as ecs_backends
from remediator.resources.ecs.readers import images as ecs_images
from remediator.resources.ecs.readers import scaling as ecs_scaling
from remediator.resources.ecs.readers import service as ecs
from remediator.resources.ecs.readers import service_context as ecs_service_context
from remediator.resources.load_balancing import readers as load_balancing_readers
from tests.fakes import FakeAws
from tests.problems.ecs_task_restarting.samples import GROUP_ARN, IMAGE, definition, service, stop, target_group
from tests.samples import DEFINITION, NOW, SERVICE_ARN, incident, signal

SCOPE = Scope(incident=incident(), now=NOW, settings=Settings())
AT = datetime(2026, 11, 23, 2, 50, tzinfo=UTC)
SERVICE = {
    "serviceArn": SERVICE_ARN,
    "serviceName": "portfolio-api-service",
    "clusterArn": "arn:aws:ecs:ap-northeast-1:123456789012:cluster/portfolio-cluster",
    "status": "ACTIVE",
    "desiredCount": 2,
    "runningCount": 1,
    "taskDefinition": f"{DEFINITION}:42",
    "launchType": "FARGATE",
    "healthCheckGracePeriodSeconds": 30,
    "deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": True, "rollback": True}},
    "loadBalancers": [{"targetGroupArn": GROUP_ARN, "containerName": "api", "containerPort": 8000}],
    "deployments": [
        {"id": "ecs-svc/1", "status": "PRIMARY", "taskDefinition": f"{DEFINITION}:42", "rolloutState": "COMPLETED", "createdAt": AT}
    ],
    "tags": [{"key": "auto-remediation", "value": "auto"}],
}  # fmt: skip


def test_a_service_is_read_with_its_tags_and_its_circuit_breaker():
    aws = FakeAws({"ecs:DescribeServices": {"services": [SERVICE]}})
    read = ecs.service(aws, SCOPE)
    assert (read.cluster, read.name, read.desired, read.running) == ("portfolio-cluster", "portfolio-api-service", 2, 1)
    assert read.tags == {"auto-remediation": "auto"}
    assert read.breaker_rolls_back
    assert read.primary.created_at == "2026-11-23T02:50:00.000Z"
    assert aws.calls[0][1]["include"] == ["TAGS"]


def test_a_capacity_provider_tells_fargate_from_ec2():
    for provider, launch in (("FARGATE_SPOT", "FARGATE"), ("my-instances", "EC2")):
        values = {**SERVICE, "capacityProviderStrategy": [{"capacityProvider": provider}]}
        values.pop("launchType")
        assert ecs.service(FakeAws({"ecs:DescribeServices": {"services": [values]}}), SCOPE).launch == launch


def test_a_deleted_service_is_inactive_and_a_one_off_task_has_none():
    gone = FakeAws({"ecs:DescribeServices": {"services": [], "failures": [{"reason": "MISSING"}]}})
    assert ecs.service(gone, SCOPE).status == "INACTIVE"
    family = Resource("ecs_task_family", "arn:aws:ecs:r:123456789012:task-definition/c/f")
    with pytest.raises(NotFound, match="one-off"):
        ecs.service(gone, Scope(incident=incident(resource=family), now=NOW, settings=Settings()))


def test_stops_are_those_that_ecs_remembers_and_those_that_were_signalled():
    values = {
        "taskArn": "arn:aws:ecs:ap-northeast-1:123456789012:task/c/remembered",
        "lastStatus": "STOPPED",
        "stoppedAt": AT,
    }
    still = {"taskArn": "arn:aws:ecs:ap-northeast-1:123456789012:task/c/stopping", "lastStatus": "DEACTIVATING"}
    aws = FakeAws({"ecs:ListTasks": {"taskArns": ["a", "b"]}, "ecs:DescribeTasks": {"tasks": [values, still]}})
    of = incident(signals=(signal(task_arn="arn:x:task/c/signalled", stopped_at=NOW),))
    read = ecs.stops(aws, Scope(incident=of, now=NOW, settings=Settings()))
    assert [s.task_id for s in read] == ["signalled", "remembered"]


def test_signalled_stops_survive_a_deleted_service():
    aws = FakeAws({"ecs:ListTasks": NotFound("gone")})
    of = incident(signals=(signal(task_arn="arn:x:task/c/signalled", stopped_at=NOW),))
    assert len(ecs.stops(aws, Scope(incident=of, now=NOW, settings=Settings()))) == 1


def test_deployments_are_read_newest_first_with_pinned_images():
    revision = "arn:aws:ecs:ap-northeast-1:123456789012:service-revision/c/s/1"
    aws = FakeAws(
        {
            "ecs:ListServiceDeployments": {
                "serviceDeployments": [
                    {"serviceDeploymentArn": "old", "status": "SUCCESSFUL", "startedAt": datetime(2026, 1, 1, tzinfo=UTC)},
                    {"serviceDeploymentArn": "new", "status": "IN_PROGRESS", "startedAt": AT, "targetServiceRevisionArn": revision},
                ]
            },
            "ecs:DescribeServiceRevisions": {
                "serviceRevisions": [
                    {
                        "serviceRevisionArn": revision,
                        "taskDefinition": f"{DEFINITION}:42",
                        "containerImages": [{"containerName": "api", "image": "r/app:1", "imageDigest": "sha256:abc"}],
                    }
                ]
            },
        }
    )  # fmt: skip
    read = ecs.deployments(aws, SCOPE)
    assert [d.arn for d in read] == ["new", "old"]
    assert read[0].revision.images == {"api": "r/app:1@sha256:abc"}


def test_the_environment_of_a_container_is_never_part_of_the_evidence():
    values = {
        "taskDefinitionArn": f"{DEFINITION}:42",
        "family": "portfolio-api",
        "memory": "512",
        "containerDefinitions": [{"name": "api", "environment": [{"name": "PASSWORD", "value": "hunter2"}]}],
    }
    of = incident(signals=(signal(task_arn="a", task_definition=f"{DEFINITION}:42"),))
    aws = FakeAws({"ecs:DescribeTaskDefinition": {"taskDefinition": values}})
    read = ecs.definition(aws, Scope(incident=of, now=NOW, settings=Settings()))
    assert read.memory_mib == 512
    assert "hunter2" not in repr(read)


def test_traffic_tells_the_whole_window_from_the_last_five_minutes():
    def series(id, early, late):
        times = [datetime(2026, 11, 23, 2, 48, tzinfo=UTC), datetime(2026, 11, 23, 2, 58, tzinfo=UTC)]
        return {"Id": id, "Timestamps": times, "Values": [early, late]}

    aws = FakeAws(
        {
            "cloudwatch:GetMetricData": {
                "MetricDataResults": [series("requests", 900.0, 100.0), series("target5xx", 0.0, 20.0)]
            }
        }
    )
    group = target_group()
    balanced = type(group)(arn=group.arn, load_balancers=("arn:aws:elasticloadbalancing:r:a:loadbalancer/app/alb/1",))
    read = load_balancing_readers.service_traffic(aws, SCOPE, (balanced,))
    assert (read.requests, read.failed) == (1000, 20)
    assert (read.failed_pct, read.recent_failed_pct) == (2.0, 20.0)
    dimensions = aws.calls[0][1]["MetricDataQueries"][0]["MetricStat"]["Metric"]["Dimensions"]
    assert dimensions[1] == {"Name": "LoadBalancer", "Value": "app/alb/1"}


def test_a_service_without_load_balancer_has_no_traffic_and_no_call_is_made():
    aws = FakeAws({})
    assert load_balancing_readers.service_traffic(aws, SCOPE, ()).requests == 0
    assert ecs_backends.target_groups(aws, SCOPE, service(target_groups=())) == ()
    assert aws.calls == []


def test_a_metric_without_data_is_a_gap_not_a_zero():
    aws = FakeAws({"cloudwatch:GetMetricData": {"MetricDataResults": [{"Id": "memory", "Values": []}]}})
    with pytest.raises(NotFound, match="no MemoryUtilization"):
        ecs_service_context.memory_peak_pct(aws, SCOPE)


def test_the_last_words_are_those_of_the_failed_container_redacted():
    lines = [
        {"message": "starting"},
        {
            "message": 'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    g()\nValueError: password=hunter2'
        },
    ]
    aws = FakeAws({"logs:GetLogEvents": {"events": lines}})
    read = ecs_application_log.last_words(aws, SCOPE, (stop(1),), definition())
    assert aws.calls[0][1]["logStreamName"].startswith("ecs/api/")
    assert read.trace[0] == "Traceback (most recent call last):"
    assert read.trace[-1].startswith("ValueError")
    assert "hunter2" not in repr(read)


@pytest.mark.parametrize("parted", ["\x1b[31mpassword\x1b[0m=hunter2", "pass\u200bword=hunter2"])
def test_a_secret_whose_name_is_parted_by_what_is_not_seen_is_redacted_before_it_is_kept(parted):
    lines = [{"message": f"Traceback (most recent call last):\n  x\nValueError: {parted}"}]
    aws = FakeAws({"logs:GetLogEvents": {"events": lines}})
    assert "hunter2" not in repr(ecs_application_log.last_words(aws, SCOPE, (stop(1),), definition()))


@pytest.mark.parametrize("end", ["\n", " "])
def test_a_log_that_is_too_long_is_read_from_where_no_secret_is_cut_in_two(end):
    shown = "ERROR: it fails"
    kept = f"{end}{'y' * 5_000}\n{shown}"
    secret = "AKIAIOSFODNN7EXAMPLE" + "S" * (ecs_application_log.LOG_CHARS - len(kept) - 10)
    aws = FakeAws({"logs:GetLogEvents": {"events": [{"message": f"{'x' * 500}{secret}{kept}"}]}})
    read = ecs_application_log.last_words(aws, SCOPE, (stop(1),), definition())
    assert "EXAMPLE" not in repr(read)
    assert read.errors == (shown,)


def test_a_stop_without_a_log_is_a_gap():
    with pytest.raises(NotFound, match="no stopped task with a log"):
        ecs_application_log.last_words(FakeAws({}), SCOPE, (stop(1),), TaskDefinition(arn="a", family="f"))


TAGGED = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/portfolio-api:1.4"


@pytest.mark.parametrize(("digest", "same"), [("sha256:" + "a" * 64, True), ("sha256:" + "b" * 64, False)])
def test_a_tag_is_looked_up_before_fresh_tasks_are_started(digest, same):
    aws = FakeAws({"ecr:DescribeImages": {"imageDetails": [{"imageDigest": digest}]}})
    running = (ServiceDeployment(arn="d", status="SUCCESSFUL", revision=Revision(arn="r", images={"api": IMAGE})),)
    tagged = definition(containers=(ContainerSpec(name="api", image=TAGGED),))
    assert ecs_images.same_images(aws, SCOPE, running, tagged) is same
    assert aws.calls[0][1]["imageIds"] == [{"imageTag": "1.4"}]


def test_pinned_images_need_no_look_and_foreign_ones_cannot_be_checked():
    assert ecs_images.same_images(FakeAws({}), SCOPE, (), definition())
    foreign = definition(containers=(ContainerSpec(name="api", image="nginx:1"),))
    with pytest.raises(Rejected):
        ecs_images.same_images(FakeAws({}), SCOPE, (), foreign)


def test_who_owns_the_count_and_which_stack_owns_the_service():
    owned = {"ScalableTargets": [{"MinCapacity": 2, "MaxCapacity": 6, "ServiceNamespace": "ecs", "ResourceId": "x", "ScalableDimension": "ecs:service:DesiredCount", "RoleARN": "r", "CreationTime": AT}]}  # fmt: skip
    aws = FakeAws(
        {
            "application-autoscaling:DescribeScalableTargets": owned,
            "cloudformation:DescribeStackResources": Rejected(
                "cloudformation:DescribeStackResources", "ValidationError", "no"
            ),
        }
    )
    assert (ecs_scaling.scaling(aws, SCOPE).minimum, ecs_scaling.scaling(aws, SCOPE).maximum) == (2, 6)
    assert cloudformation.stack(aws, SCOPE).name == ""


def test_the_endpoint_is_asked_only_where_one_is_declared():
    workload = Workload(name="portfolio", endpoint="http://alb/", health_path="/health")
    known = Scope(incident=incident(), now=NOW, settings=Settings(), workload=workload)
    assert health_endpoint.endpoint(FakeAws({}, http={"http://alb/health": 200}), known).status == 200
    assert health_endpoint.endpoint(FakeAws({}), SCOPE).url == ""
