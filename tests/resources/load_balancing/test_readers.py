"""Readers of target groups on answers in AWS's own shape; requests and answers are checked against botocore's models."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from remediator.core.errors import NotFound
from remediator.core.model import Resource
from remediator.core.ports import Scope
from remediator.core.settings import Settings, Workload
from remediator.resources.ecs.backends import Behind
from remediator.resources.ecs.readers import backends as ecs_backends
from remediator.resources.load_balancing import readers as load_balancing_readers
from remediator.resources.load_balancing.target_health import failure
from remediator.resources.vpc import readers as network
from remediator.resources.vpc.network_path import Interface, Interfaces, LoadBalancer
from tests.fakes import FakeAws
from tests.problems.alb_targets_unhealthy.samples import BALANCER_ARN, GROUP_ARN, code, group, service
from tests.samples import DEFINITION, NOW, SERVICE_ARN, incident

OF_GROUP = incident(runbook="alb_targets_unhealthy", resource=Resource("target_group", GROUP_ARN))
SCOPE = Scope(incident=OF_GROUP, now=NOW, settings=Settings())
WORKLOAD = Workload(name="portfolio", cluster="portfolio-cluster", service="portfolio-api-service")
DECLARED = replace(SCOPE, workload=WORKLOAD)
DESCRIBED = {
    "TargetGroupArn": GROUP_ARN,
    "Protocol": "HTTP",
    "Port": 8000,
    "VpcId": "vpc-1",
    "HealthCheckProtocol": "HTTP",
    "HealthCheckPort": "traffic-port",
    "HealthCheckEnabled": True,
    "HealthCheckIntervalSeconds": 15,
    "HealthCheckTimeoutSeconds": 5,
    "HealthyThresholdCount": 3,
    "UnhealthyThresholdCount": 2,
    "HealthCheckPath": "/health",
    "Matcher": {"HttpCode": "200-299"},
    "LoadBalancerArns": [BALANCER_ARN],
    "TargetType": "ip",
}
ILL = {
    "Target": {"Id": "10.0.1.10", "Port": 8000, "AvailabilityZone": "ap-northeast-1a"},
    "HealthCheckPort": "8000",
    "TargetHealth": {
        "State": "unhealthy",
        "Reason": "Target.ResponseCodeMismatch",
        "Description": "Health checks failed with these codes: [404]",
    },
}
TAGS = {"TagDescriptions": [{"ResourceArn": GROUP_ARN, "Tags": [{"Key": "auto-remediation", "Value": "auto"}]}]}
ANSWERS = {
    "elasticloadbalancing:DescribeTargetGroups": {"TargetGroups": [DESCRIBED]},
    "elasticloadbalancing:DescribeTargetHealth": {"TargetHealthDescriptions": [ILL]},
    "elasticloadbalancing:DescribeTags": TAGS,
}
SERVICE = {
    "serviceArn": SERVICE_ARN,
    "serviceName": "portfolio-api-service",
    "clusterArn": "arn:aws:ecs:ap-northeast-1:123456789012:cluster/portfolio-cluster",
    "status": "ACTIVE",
    "desiredCount": 2,
    "runningCount": 2,
    "taskDefinition": f"{DEFINITION}:42",
    "loadBalancers": [{"targetGroupArn": GROUP_ARN, "containerName": "api", "containerPort": 8000}],
}
OF_A_TASK = {
    "NetworkInterfaceId": "eni-1",
    "PrivateIpAddress": "10.0.1.10",
    "SubnetId": "subnet-a",
    "Description": "arn:aws:ecs:ap-northeast-1:123456789012:attachment/0d2a",
    "Groups": [{"GroupId": "sg-task"}],
    "TagSet": [
        {"Key": "aws:ecs:clusterName", "Value": "portfolio-cluster"},
        {"Key": "aws:ecs:serviceName", "Value": "portfolio-api-service"},
    ],
}


def told(*interfaces, services=()):
    return FakeAws(
        {
            "ec2:DescribeNetworkInterfaces": {"NetworkInterfaces": list(interfaces)},
            "ecs:DescribeServices": {"services": list(services)},
        }
    )


def filters_of(aws, n=0):
    return {f["Name"]: f["Values"] for f in aws.calls[n][1]["Filters"]}


# -- the target group --------------------------------------------------------------------------------------------------


def test_a_target_group_is_read_with_its_check_its_targets_and_its_tags():
    read = load_balancing_readers.target_group(FakeAws(ANSWERS), SCOPE)
    assert (read.health_path, read.matcher, read.health_port, read.target_type) == (
        "/health",
        "200-299",
        "traffic-port",
        "ip",
    )
    assert (read.gives_up_after_s, read.admits_after_s) == (30, 45)
    assert read.tags == {"auto-remediation": "auto"}
    assert failure(read.targets[0]) == "misplaced"
    assert read.checked_port(read.targets[0]) == 8000
    assert read.targets[0].zone == "ap-northeast-1a"


def test_a_target_group_that_vanished_is_a_gap():
    gone = FakeAws({**ANSWERS, "elasticloadbalancing:DescribeTargetGroups": {"TargetGroups": []}})
    with pytest.raises(NotFound):
        load_balancing_readers.target_group(gone, SCOPE)


def test_what_a_target_says_is_redacted():
    said = {**ILL, "TargetHealth": {**ILL["TargetHealth"], "Description": "password=hunter2 \x1b[31m"}}
    aws = FakeAws({**ANSWERS, "elasticloadbalancing:DescribeTargetHealth": {"TargetHealthDescriptions": [said]}})
    assert "hunter2" not in repr(load_balancing_readers.target_group(aws, SCOPE))


@pytest.mark.parametrize(
    ("described", "meant"),
    [
        ("Health checks failed with these codes: [404]", "misplaced"),
        ("Health checks failed with these codes: [404, 503]", "server_error"),
        ("Health checks failed with these codes: [200]", "refused_success"),
        ("Health checks failed with these codes: [429]", "other_answer"),
        ("Health checks failed with these codes: [12]", "unknown"),
        ("Health checks failed", "unknown"),
        ("", "unknown"),
    ],
)
def test_the_description_tells_which_code_was_answered(described, meant):
    assert failure(group({**code(404), "description": described}).targets[0]) == meant


# -- whose the targets are ---------------------------------------------------------------------------------------------


def test_the_declared_service_is_behind_a_group_that_it_is_attached_to():
    aws = told(services=[SERVICE])
    read = ecs_backends.behind(aws, DECLARED, group())
    assert (read.managed, read.service.name, read.mapped_port(GROUP_ARN)) == (True, "portfolio-api-service", 8000)
    assert [c[0] for c in aws.calls] == ["ecs:DescribeServices"]


def test_a_declared_service_of_another_group_does_not_own_these_targets():
    elsewhere = {**SERVICE, "loadBalancers": []}
    read = ecs_backends.behind(told(services=[elsewhere]), DECLARED, group())
    assert read == Behind()


def test_a_second_group_of_a_blue_green_service_is_its_own_too():
    alternate = {"advancedConfiguration": {"alternateTargetGroupArn": GROUP_ARN}, "targetGroupArn": "other"}
    assert ecs_backends.behind(told(services=[{**SERVICE, "loadBalancers": [alternate]}]), DECLARED, group()).managed


def test_the_interface_of_a_task_names_its_service():
    aws = told(OF_A_TASK, services=[SERVICE])
    assert ecs_backends.behind(aws, SCOPE, group()).service.arn == SERVICE_ARN
    assert filters_of(aws) == {"addresses.private-ip-address": ["10.0.1.10", "10.0.2.10"], "vpc-id": ["vpc-1"]}


def test_a_task_without_tags_is_ecs_managed_by_a_service_that_is_not_known():
    assert ecs_backends.behind(told({**OF_A_TASK, "TagSet": []}), SCOPE, group()) == Behind(managed=True)


def test_targets_that_are_no_tasks_belong_to_nobody_else():
    assert ecs_backends.behind(told({**OF_A_TASK, "Description": "", "TagSet": []}), SCOPE, group()) == Behind()


def test_the_ports_of_every_container_are_read_and_nothing_else():
    definition = {
        "containerDefinitions": [
            {
                "name": "api",
                "portMappings": [{"containerPort": 8000}],
                "environment": [{"name": "K", "value": "hunter2"}],
            },
            {"name": "log"},
        ]
    }
    aws = FakeAws({"ecs:DescribeTaskDefinition": {"taskDefinition": definition}})
    read = ecs_backends.container_ports(aws, SCOPE, Behind(managed=True, service=service()))
    assert [(p.container, p.port) for p in read] == [("api", 8000)]
    assert ecs_backends.container_ports(FakeAws({}), SCOPE, Behind()) == ()


# -- what lies between -------------------------------------------------------------------------------------------------


def test_a_load_balancer_is_read_with_its_security_groups():
    listed = {"LoadBalancerArn": BALANCER_ARN, "SecurityGroups": ["sg-alb"], "AvailabilityZones": [{"SubnetId": "s-c"}]}
    aws = FakeAws({"elasticloadbalancing:DescribeLoadBalancers": {"LoadBalancers": [listed]}})
    assert network.load_balancer(aws, SCOPE, group()) == LoadBalancer(
        arn=BALANCER_ARN, groups=("sg-alb",), subnets=("s-c",)
    )


def test_a_group_that_no_load_balancer_uses_is_a_gap():
    with pytest.raises(NotFound):
        network.load_balancer(FakeAws({}), SCOPE, group(load_balancers=()))
    with pytest.raises(NotFound):
        load_balancing_readers.hosts_of_the_day(FakeAws({}), SCOPE, group(load_balancers=()))


def test_interfaces_of_both_ends_are_read():
    def answer(**asked):
        node = {"PrivateIpAddress": "10.0.3.5", "SubnetId": "subnet-c", "Groups": [{"GroupId": "sg-alb"}]}
        of_balancer = asked["Filters"][0]["Name"] == "description"
        return {"NetworkInterfaces": [node if of_balancer else OF_A_TASK]}

    aws = FakeAws({"ec2:DescribeNetworkInterfaces": answer})
    read = network.interfaces(aws, SCOPE, group())
    assert read.targets == (Interface(address="10.0.1.10", subnet="subnet-a", groups=("sg-task",)),)
    assert read.balancer[0].address == "10.0.3.5"
    assert filters_of(aws) == {"description": ["ELB app/portfolio-alb/50dc6c495c0c9188"]}


def test_instances_are_reached_by_their_first_interface():
    aws = told({"Attachment": {"InstanceId": "i-1"}, "PrivateIpAddress": "10.0.0.4", "Groups": [{"GroupId": "sg"}]})
    of_instances = group(target_type="instance", load_balancers=())
    assert network.interfaces(aws, SCOPE, of_instances).targets[0].instance == "i-1"
    assert filters_of(aws)["attachment.device-index"] == ["0"]


def test_a_group_of_functions_has_no_interfaces_and_none_is_asked_for():
    aws = FakeAws({})
    assert network.interfaces(aws, SCOPE, group(target_type="lambda", load_balancers=())) == Interfaces()
    assert aws.calls == []


def test_rules_are_read_with_groups_addresses_and_prefix_lists():
    permission = {
        "IpProtocol": "tcp",
        "FromPort": 8000,
        "ToPort": 8000,
        "UserIdGroupPairs": [{"GroupId": "sg-alb"}],
        "IpRanges": [{"CidrIp": "10.0.0.0/16"}],
        "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
        "PrefixListIds": [{"PrefixListId": "pl-1"}],
    }
    all_out = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    told_group = {
        "GroupId": "sg-task",
        "OwnerId": "123456789012",
        "IpPermissions": [permission],
        "IpPermissionsEgress": [all_out],
        "Tags": [{"Key": "auto-remediation", "Value": "approve"}],
    }
    aws = FakeAws({"ec2:DescribeSecurityGroups": {"SecurityGroups": [told_group]}})
    ends = Interfaces(targets=(Interface(address="10.0.1.10", groups=("sg-task",)),))
    (read,) = network.security_groups(aws, SCOPE, LoadBalancer(arn=BALANCER_ARN, groups=("sg-alb",)), ends)
    assert aws.calls[0][1] == {"GroupIds": ["sg-alb", "sg-task"]}
    assert (read.ingress[0].groups, read.ingress[0].cidrs, read.ingress[0].prefix_lists) == (
        ("sg-alb",),
        ("10.0.0.0/16", "::/0"),
        ("pl-1",),
    )
    assert read.egress[0].covers(8000)
    assert read.tags == {"auto-remediation": "approve"}


def test_the_lowest_line_of_an_acl_decides_and_what_no_line_names_is_denied():
    lines = [
        {"RuleNumber": 100, "Egress": False, "RuleAction": "allow", "Protocol": "-1", "CidrBlock": "0.0.0.0/0"},
        {
            "RuleNumber": 90,
            "Egress": False,
            "RuleAction": "deny",
            "Protocol": "6",
            "CidrBlock": "10.0.3.0/24",
            "PortRange": {"From": 8000, "To": 8000},
        },
        {"RuleNumber": 80, "Egress": False, "RuleAction": "deny", "Protocol": "-1", "Ipv6CidrBlock": "::/0"},
    ]
    listed = {"NetworkAclId": "acl-1", "Associations": [{"SubnetId": "subnet-a"}], "Entries": lines}
    aws = FakeAws({"ec2:DescribeNetworkAcls": {"NetworkAcls": [listed]}})
    ends = Interfaces(targets=(Interface(address="10.0.1.10", subnet="subnet-a"),))
    (read,) = network.network_acls(aws, SCOPE, ends)
    assert not read.allows("10.0.3.5", 8000, egress=False)
    assert read.allows("10.0.4.5", 8000, egress=False)
    assert not read.allows("10.0.3.5", 8000, egress=True)
    assert network.network_acls(FakeAws({}), SCOPE, Interfaces()) == ()


# -- metrics -----------------------------------------------------------------------------------------------------------


def series(id, *values):
    times = [datetime(2026, 11, 23, 2, 50 - 5 * n, tzinfo=UTC) for n in range(len(values))]  # newest first, as AWS does
    return {"Id": id, "Timestamps": times, "Values": list(values)}


def metrics(*of):
    return FakeAws({"cloudwatch:GetMetricData": {"MetricDataResults": list(of)}})


def test_hosts_are_counted_over_a_day_and_the_trouble_is_dated():
    aws = metrics(series("healthy", 0.0, 0.0, 2.0), series("unhealthy", 2.0, 1.0, 0.0))
    read = load_balancing_readers.hosts_of_the_day(aws, SCOPE, group())
    assert read.unhealthy_since == "2026-11-23T02:45:00.000Z"
    assert read.healthy_before
    asked = aws.calls[0][1]
    assert (asked["EndTime"] - asked["StartTime"]).total_seconds() == 24 * 3600
    dimensions = asked["MetricDataQueries"][0]["MetricStat"]["Metric"]["Dimensions"]
    assert [d["Value"] for d in dimensions] == [
        "targetgroup/portfolio-api/73e2d6bc24d8a067",
        "app/portfolio-alb/50dc6c495c0c9188",
    ]


def test_a_long_day_is_kept_as_its_changes():
    aws = metrics(series("healthy", 0.0, 0.0, 0.0, 2.0, 2.0, 2.0), series("unhealthy", 2.0, 2.0, 2.0, 0.0, 0.0, 0.0))
    read = load_balancing_readers.hosts_of_the_day(aws, SCOPE, group())
    assert [c.hosts for c in read.healthy] == [2.0, 0.0, 0.0]
    assert (read.unhealthy_since, read.healthy_before) == ("2026-11-23T02:40:00.000Z", True)


def test_a_group_that_was_never_healthy_and_one_without_data_were_not_healthy_before():
    never = metrics(series("healthy", 0.0, 0.0), series("unhealthy", 2.0, 2.0))
    assert not load_balancing_readers.hosts_of_the_day(never, SCOPE, group()).healthy_before
    assert not load_balancing_readers.hosts_of_the_day(metrics(), SCOPE, group()).healthy_before


def test_the_outcome_counts_hosts_by_the_minute_within_its_window():
    aws = metrics(series("healthy", 2.0))
    load_balancing_readers.hosts_lately(aws, replace(SCOPE, window_s=300), group())
    asked = aws.calls[0][1]
    assert (asked["EndTime"] - asked["StartTime"]).total_seconds() == 300
    assert asked["MetricDataQueries"][0]["MetricStat"]["Period"] == 60


def test_errors_are_split_by_who_made_them_and_no_answer_is_no_speed():
    read = load_balancing_readers.answers(
        metrics(series("target5xx", 3.0, 4.0), series("elb5xx", 9.0), series("slowest", 0.2, 4.9)), SCOPE, group()
    )
    assert (read.target_5xx, read.balancer_5xx, read.connection_errors, read.slowest_ms) == (7, 9, 0, 4900)
    assert load_balancing_readers.answers(metrics(), SCOPE, group()).slowest_ms is None


def test_traffic_is_that_of_the_group():
    read = load_balancing_readers.group_traffic(
        metrics(series("requests", 100.0), series("target5xx", 5.0)), SCOPE, group()
    )
    assert (read.requests, read.failed) == (100, 5)
