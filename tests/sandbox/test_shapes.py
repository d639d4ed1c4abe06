"""The sandbox's answers against botocore's own model of AWS's, so that a fake cannot agree with a bug."""

import json

import pytest
from botocore.validate import ParamValidator

from sandbox import applications as programs
from sandbox import names
from sandbox.cloudfront.site import ARN as SITE_ARN
from sandbox.cloudfront.site import Dropped
from sandbox.cloudtrail import people
from sandbox.cloudwatch import alarms
from sandbox.dynamodb.api import ARN as TABLE_ARN
from sandbox.dynamodb.user_table import INDEX
from sandbox.ecs import shapes as ecs_shapes
from sandbox.environment import connected_clients
from sandbox.eventbridge.events import Delivery, Rules, sqs_batch

from .sandbox_world import let_pass, open_world

HERE = {"cluster": names.CLUSTER, "service": names.SERVICE}
REALLY_ZERO = "NumberOfDecreasesToday, value: 0"  # DynamoDB answers it, whatever its model says
MEMORY = {"Namespace": "AWS/ECS", "MetricName": "MemoryUtilization"}


DROPPED = {"Paths": {"Quantity": 1, "Items": ["/"]}, "CallerReference": "test"}


@pytest.fixture
def world():
    with open_world() as opened:
        opened.run_service(breaker_rolls_back=True)
        opened.fall_ill(programs.LEAKS)
        let_pass(opened, 100)
        opened.deploy("1.5.0", programs.NEVER_READY)
        let_pass(opened, 300)
        with_a_past(opened)
        yield opened


def with_a_past(world):
    """What DescribeTable, the lists of copies and the trail may have to tell."""
    life = world.around.table.life
    life.replicas, life.protected = {"us-west-2": "ACTIVE"}, True
    life.build_index(900)
    life.restored(0)
    life.back_up("nightly", 900)
    life.export(900)
    people.call(world, "UpdateTimeToLive", people.ALICE)
    people.call(world, "UpdateTable", people.ALICE)


def _questions(world):
    world.starting.instances = {"i-0a1b2c3d4e5f60718": (512, 900)}
    task = next(t for t in world.fleet.tasks if t.status == "STOPPED")
    running = next(t for t in world.fleet.tasks if t.live)
    deployment = world.service.deployments[-1]
    now = world.clock.now()
    window = {"StartTime": now.replace(hour=2), "EndTime": now}
    named = {**MEMORY, "Dimensions": [{"Name": "ServiceName", "Value": names.SERVICE}]}
    stream = f"api/{names.CONTAINER}/{task.id}"
    world.account.stacks[world.service.arn] = "portfolio"
    by_hand = {"TargetGroupArn": world.portfolio.target_group, "Targets": [{"Id": "10.0.9.7", "Port": 8080}]}
    world.around.watch(
        alarms.targets_unhealthy(world.portfolio, muted=True),
        alarms.table_throttled("Read", form="filled"),
        alarms.table_throttled("Write", form="contributor"),
    )
    world.around.site.dropped.append(Dropped(id="I1", reference="before", paths=("/x",), at=now))
    revision = ecs_shapes.revision_arn(world.service, deployment.definition)
    return {
        ("ecs", "DescribeServices"): {
            "cluster": names.CLUSTER,
            "services": [names.SERVICE, "other"],
            "include": ["TAGS"],
        },
        ("ecs", "UpdateService"): {**HERE, "healthCheckGracePeriodSeconds": 30},
        ("ecs", "ListServices"): {"cluster": names.CLUSTER},
        ("ecs", "ListTasks"): {"cluster": names.CLUSTER, "serviceName": names.SERVICE, "desiredStatus": "STOPPED"},
        ("ecs", "DescribeTasks"): {"cluster": names.CLUSTER, "tasks": [ecs_shapes.task_arn(task), "gone"]},
        ("ecs", "StopTask"): {"cluster": names.CLUSTER, "task": running.id},
        ("ecs", "ListContainerInstances"): {"cluster": names.CLUSTER},
        ("ecs", "DescribeContainerInstances"): {
            "cluster": names.CLUSTER,
            "containerInstances": [*world.starting.list_container_instances({})["containerInstanceArns"], "gone"],
        },
        ("ecs", "ListServiceDeployments"): HERE,
        ("ecs", "DescribeServiceDeployments"): {
            "serviceDeploymentArns": [ecs_shapes.deployment_arn(world.service, deployment)]
        },
        ("ecs", "DescribeServiceRevisions"): {"serviceRevisionArns": [revision]},
        ("logs", "GetLogEvents"): {"logGroupName": names.LOG_GROUP, "logStreamName": stream},
        ("logs", "FilterLogEvents"): {"logGroupName": names.LOG_GROUP},
        ("logs", "DescribeLogStreams"): {"logGroupName": names.LOG_GROUP},
        ("logs", "DescribeLogGroups"): {},
        ("cloudwatch", "GetMetricData"): {
            "MetricDataQueries": [{"Id": "m", "MetricStat": {"Metric": named, "Period": 60, "Stat": "Maximum"}}],
            **window,
        },
        ("cloudwatch", "GetMetricStatistics"): {**named, **window, "Period": 60, "Statistics": ["Average"]},
        ("elbv2", "DescribeTargetHealth"): {"TargetGroupArn": world.portfolio.target_group},
        ("elbv2", "RegisterTargets"): by_hand,
        ("elbv2", "DeregisterTargets"): by_hand,
        ("ec2", "DescribeNetworkInterfaces"): {
            "Filters": [{"Name": "addresses.private-ip-address", "Values": [running.address, "10.0.0.11"]}]
        },
        ("cloudwatch", "DescribeAlarms"): {"StateValue": "OK"},
        ("cloudwatch", "ListAlarmMuteRules"): {"AlarmName": "portfolio-targets-unhealthy", "Statuses": ["ACTIVE"]},
        ("cloudfront", "GetDistribution"): {"Id": names.DISTRIBUTION},
        ("cloudfront", "GetOriginAccessControl"): {"Id": names.ORIGIN_ACCESS},
        ("cloudfront", "ListTagsForResource"): {"Resource": SITE_ARN},
        ("cloudfront", "CreateInvalidation"): {"DistributionId": names.DISTRIBUTION, "InvalidationBatch": DROPPED},
        ("cloudfront", "GetInvalidation"): {
            "DistributionId": names.DISTRIBUTION,
            "Id": world.around.site.dropped[-1].id,
        },
        ("cloudfront", "ListInvalidations"): {"DistributionId": names.DISTRIBUTION},
        ("dynamodb", "DescribeTable"): {"TableName": names.TABLE},
        ("dynamodb", "UpdateTable"): {
            "TableName": names.TABLE,
            "ProvisionedThroughput": {"ReadCapacityUnits": 20, "WriteCapacityUnits": len(world.requests) + 6},
        },
        ("dynamodb", "DescribeLimits"): {},
        ("dynamodb", "DescribeContinuousBackups"): {"TableName": names.TABLE},
        ("dynamodb", "ListBackups"): {"TableName": names.TABLE},
        ("dynamodb", "ListExports"): {"TableArn": TABLE_ARN},
        ("dynamodb", "ListImports"): {"TableArn": TABLE_ARN},
        ("dynamodb", "DescribeContributorInsights"): {"TableName": names.TABLE, "IndexName": INDEX},
        ("dynamodb", "UpdateContributorInsights"): {
            "TableName": names.TABLE,
            "ContributorInsightsAction": "ENABLE",
        },
        ("dynamodb", "ListTagsOfResource"): {"ResourceArn": TABLE_ARN},
        ("application-autoscaling", "DescribeScalableTargets"): {"ServiceNamespace": "dynamodb"},
        ("application-autoscaling", "RegisterScalableTarget"): {
            "ServiceNamespace": "dynamodb",
            "ResourceId": f"table/{names.TABLE}",
            "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
            "MinCapacity": 20,
            "MaxCapacity": 40,
        },
        ("application-autoscaling", "DescribeScheduledActions"): {"ServiceNamespace": "ecs"},
        ("ecr", "DescribeImages"): {
            "repositoryName": names.REPOSITORY,
            "imageIds": [{"imageDigest": names.digest(names.image("1.4.2"))}],
        },
        ("ecr", "BatchGetImage"): {
            "repositoryName": names.REPOSITORY,
            "imageIds": [{"imageDigest": names.digest(names.image("1.4.2"))}],
        },
        ("cloudformation", "DescribeStackResources"): {"PhysicalResourceId": world.service.arn},
        ("application-autoscaling", "DescribeScalingActivities"): {"ServiceNamespace": "ecs"},
        ("cloudtrail", "LookupEvents"): {"MaxResults": 1, **window},
        ("sts", "AssumeRole"): {"RoleArn": next(iter(world.account.roles)), "RoleSessionName": "test"},
    }


def test_every_fake_answers_in_the_shape_of_its_operation(world):
    questions = _questions(world)
    not_asked = {
        ("ecs", "StopServiceDeployment"),  # answers with an ARN alone
        ("dynamodb", "DeleteTable"),  # answers as UpdateTable does, and there is one table
    }
    assert set(questions) | not_asked == set(world.fakes)
    for (service, operation), asked in questions.items():
        shape = connected_clients()(service).meta.service_model.operation_model(operation).output_shape
        report = ParamValidator().validate(world.fakes[service, operation](asked), shape)
        wrong = [e for e in report.generate_report().splitlines() if REALLY_ZERO not in e]
        assert wrong == [], f"{service} {operation}"


def test_every_fake_goes_over_the_wire_and_back(world):
    for (service, operation), asked in _questions(world).items():
        client = connected_clients()(service)
        method = next(m for m, api in client.meta.method_to_api_mapping.items() if api == operation)
        assert getattr(client, method)(**asked)["ResponseMetadata"]["HTTPStatusCode"] in (200, 201)


# Keys of captured "ECS Task State Change" events of Fargate service tasks that stopped.
DETAIL_KEYS = {
    "attachments", "attributes", "availabilityZone", "clusterArn", "connectivity", "connectivityAt", "containers",
    "cpu", "createdAt", "desiredStatus", "enableExecuteCommand", "ephemeralStorage", "executionStoppedAt", "group",
    "launchType", "lastStatus", "memory", "overrides", "platformVersion", "pullStartedAt", "pullStoppedAt",
    "startedAt", "startedBy", "stoppingAt", "stoppedAt", "stoppedReason", "stopCode", "taskArn", "taskDefinitionArn",
    "updatedAt", "version",
}  # fmt: skip
CONTAINER_KEYS = {
    "containerArn", "exitCode", "lastStatus", "name", "image", "imageDigest", "runtimeId", "reason", "taskArn",
    "networkInterfaces", "cpu",
}  # fmt: skip


def _stop_event(world):
    return next(d.event for d in world.queue if d.event["detail"]["lastStatus"] == "STOPPED")


def test_a_stop_is_told_with_the_keys_of_a_real_event(world):
    event = json.loads(json.dumps(_stop_event(world)))
    assert set(event) == {
        "version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail",
    }  # fmt: skip
    assert set(event["detail"]) == DETAIL_KEYS
    assert set(event["detail"]["containers"][0]) == CONTAINER_KEYS


def test_each_stop_is_told_once_as_stopped_and_before_as_deprovisioning(world):
    arn = _stop_event(world)["detail"]["taskArn"]
    found = [d.event["detail"]["lastStatus"] for d in world.queue if d.event["detail"]["taskArn"] == arn]
    assert found in (["DEPROVISIONING", "STOPPED"], ["RUNNING", "DEPROVISIONING", "STOPPED"])


def test_only_events_that_a_rule_matches_reach_the_queue(world):
    rules = Rules([{"source": ["aws.ecs"], "detail": {"lastStatus": ["STOPPED"]}}])
    let_through = [rules.let_through(d.event) for d in world.queue]
    assert any(let_through)
    assert not all(let_through)


def test_a_batch_has_the_shape_that_lambda_gives(world):
    (record,) = sqs_batch([Delivery(world.clock.now(), _stop_event(world))])["Records"]
    assert record["eventSource"] == "aws:sqs"
    assert json.loads(record["body"])["source"] == "aws.ecs"
    assert record["attributes"]["ApproximateReceiveCount"] == "1"


def test_the_same_story_tells_the_same_events():
    def told():
        with open_world() as world:
            world.run_service()
            world.fall_ill(programs.LEAKS)
            let_pass(world, 200)
            return json.dumps([d.event for d in world.queue])

    assert told() == told()
