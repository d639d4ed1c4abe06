"""A look at an account before and after a deployment; requests and answers are checked against AWS's own models."""

import json
import re
from pathlib import Path

import pytest

from ops.deployment import account_checks, preflight, workload_checks
from ops.deployment.account_checks import BOOTSTRAP
from ops.deployment.finding import Here
from remediator.core.errors import Denied, NotFound, Rejected, Retryable
from remediator.core.settings import Settings, Workload
from tests.fakes import FakeAws

REGION = "ap-northeast-1"
SERVICE = f"arn:aws:ecs:{REGION}:123456789012:service/c/api"
GROUP = f"arn:aws:elasticloadbalancing:{REGION}:123456789012:targetgroup/api/73e2d6bc24d8a067"
BALANCER = f"arn:aws:elasticloadbalancing:{REGION}:123456789012:loadbalancer/app/alb/50dc6c495c0c9188"
TOPIC = f"arn:aws:sns:{REGION}:123456789012:high"
WORKLOAD = Workload(name="portfolio", cluster="c", service="api", tables=("users",))
AUTO = [{"key": "auto-remediation", "value": "auto"}]


def here(*workloads, **rest):
    given = {"writes": frozenset({"dynamodb:UpdateTable"}), "durable_regions": (REGION,), "pass_roles": ("role/api-*",)}
    return Here(
        account="123456789012",
        region=REGION,
        settings=Settings(workloads=workloads),
        stack="Remediator",
        **(given | rest),
    )


def look(name, answers, place=None):
    return preflight.run(FakeAws(answers), place or here(), [name])


def one(name, answers, place=None):
    (finding,) = look(name, answers, place)
    return finding


def parameter(value):
    return {"ssm:GetParameter": {"Parameter": {"Name": "x", "Value": value}}}


def service(**rest):
    values = {"serviceArn": SERVICE, "status": "ACTIVE", "taskDefinition": "api:3", "tags": AUTO, **rest}
    return {"ecs:DescribeServices": {"services": [values]}}


def trail(selectors, *, logging=True, **of):
    values = {
        "Name": "t",
        "TrailARN": "arn:aws:cloudtrail:x",
        "IsMultiRegionTrail": True,
        "HomeRegion": "us-east-1",
        **of,
    }
    return {
        "cloudtrail:DescribeTrails": {"trailList": [values]},
        "cloudtrail:GetTrailStatus": {"IsLogging": logging},
        "cloudtrail:GetEventSelectors": selectors,
    }


def advanced(*, read_only=None):
    fields = [{"Field": "eventCategory", "Equals": ["Management"]}]
    if read_only:
        fields.append({"Field": "readOnly", "Equals": [read_only]})
    return {"AdvancedEventSelectors": [{"FieldSelectors": fields}]}


ALL = {"EventSelectors": [{"IncludeManagementEvents": True, "ReadWriteType": "All"}]}


@pytest.mark.parametrize(
    ("answer", "listed", "status"),
    [
        (NotFound("no such function"), True, "ok"),
        ({}, True, "ok"),
        (NotFound("no such function"), False, "missing"),
        (Denied("lambda:x", "Unable to determine service/operation name to be authorized"), True, "missing"),
        (Rejected("lambda:x", "UnknownOperationException", ""), True, "missing"),
        (Denied("lambda:ListDurableExecutionsByFunction", "no policy allows it"), True, "unknown"),
        (Rejected("lambda:x", "InvalidParameterValueException", "?"), True, "unknown"),
        (Retryable("timeout"), True, "unknown"),
    ],
)
def test_durable_functions_are_offered_where_their_api_knows_that_there_is_no_such_function(answer, listed, status):
    place = here(durable_regions=(REGION,) if listed else ())
    found = one("durable", {"lambda:ListDurableExecutionsByFunction": answer}, place)
    assert (found.status, found.stops) == (status, status == "missing")


@pytest.mark.parametrize(("answer", "status"), [(parameter("30"), "ok"), (parameter("5"), "missing")])
def test_the_bootstrap_must_be_new_enough(answer, status):
    found = one("bootstrap", answer)
    assert (found.status, found.mend) == (status, "" if status == "ok" else "make bootstrap")


@pytest.mark.parametrize(("version", "status"), [("30", "ok"), ("5", "missing")])
def test_a_declared_distribution_needs_the_other_region_too(version, status):
    place = here(Workload(name="w", distribution="E123"), edge=FakeAws(parameter(version)))
    home, there = look("bootstrap", parameter("30"), place)
    assert (home.status, "us-east-1" in home.message.en) == ("ok", False)
    assert (there.status, "us-east-1" in there.message.en, there.stops) == (status, True, status == "missing")


def test_what_may_not_be_read_in_the_other_region_is_said_beside_what_was_found_here():
    place = here(edge=FakeAws({"ssm:GetParameter": Denied("ssm:GetParameter", "?")}))
    assert [f.status for f in look("bootstrap", parameter("30"), place)] == ["ok", "unknown"]


def test_without_a_distribution_no_other_region_is_asked():
    assert [f.status for f in look("bootstrap", parameter("30"))] == ["ok"]


def test_the_topic_in_us_east_1_needs_a_reader_too():
    topic = "arn:aws:sns:us-east-1:123456789012:edge"
    nobody = {"sns:ListSubscriptionsByTopic": {"Subscriptions": []}}
    edge = FakeAws({**stack([{"OutputKey": "TopicEdge", "OutputValue": topic}]), **nobody})
    (found,) = look("mail", stack([]), here(edge=edge))
    assert (found.status, "us-east-1" in found.message.en) == ("missing", True)
    assert found.mend.endswith("--region us-east-1")


def test_an_account_that_is_not_bootstrapped_stops_a_deployment():
    asked = FakeAws({"ssm:GetParameter": NotFound("ParameterNotFound")})
    findings = preflight.run(asked, here(), ["bootstrap"])
    assert [c[1] for c in asked.calls] == [{"Name": BOOTSTRAP}]
    outcome = preflight.Outcome(findings, "123456789012", REGION)
    assert not outcome.ready
    assert list(outcome.lines("en"))[-1] == "A deployment would fail: bootstrap"
    assert json.loads(outcome.as_json("ja"))["ready"] is False


def test_what_may_not_be_read_is_said_and_stops_nothing():
    findings = look("bootstrap", {"ssm:GetParameter": Denied("ssm:GetParameter", "explicit deny")})
    outcome = preflight.Outcome(findings)
    assert outcome.ready
    assert list(outcome.lines("ja"))[-1] == "確認した範囲に、デプロイを妨げるものはありません。"
    assert findings[0].status == "unknown"
    assert "allow ssm:GetParameter" in findings[0].mend


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        (trail(ALL), "ok"),
        (trail(advanced()), "ok"),
        (trail(advanced(read_only="false")), "ok"),
        (trail(advanced(read_only="true")), "missing"),
        (trail({"EventSelectors": [{"IncludeManagementEvents": True, "ReadWriteType": "ReadOnly"}]}), "missing"),
        (trail({"EventSelectors": [{"IncludeManagementEvents": False, "ReadWriteType": "All"}]}), "missing"),
        (trail(ALL, logging=False), "missing"),
        (trail(ALL, IsMultiRegionTrail=False), "missing"),
        (trail(ALL, IsMultiRegionTrail=False, HomeRegion=REGION), "ok"),
        ({"cloudtrail:DescribeTrails": {"trailList": []}}, "missing"),
    ],
)
def test_a_trail_must_log_writes_of_this_region_now(answers, status):
    assert one("trail", answers).status == status


def test_short_arns_cannot_carry_the_opt_in_tag():
    settings = [{"name": n, "value": "disabled"} for n in ("serviceLongArnFormat", "awsvpcTrunking")]
    found = one("ecs", {"ecs:ListAccountSettings": {"settings": settings}})
    assert found.mend == "aws ecs put-account-setting-default --name serviceLongArnFormat --value enabled"
    assert one("ecs", {"ecs:ListAccountSettings": {"settings": []}}).status == "ok"


def test_that_tables_tags_count_is_asked_of_a_person_only_where_a_fix_writes_tables():
    assert one("table-tags", {}).status == "unknown"
    assert look("table-tags", {}, here(writes=frozenset())) == []


@pytest.mark.parametrize(("found", "status"), [("Enabled", "ok"), ("Disabled", "missing")])
def test_buckets_are_asked_for_tag_based_access_only_where_a_fix_writes_buckets(found, status):
    answers = {"s3:GetBucketAbac": {"AbacStatus": {"Status": found}}}
    bucket = Workload(name="w", bucket="site")
    assert look("bucket-tags", answers, here(bucket)) == []
    writing = here(bucket, writes=frozenset({"s3:PutBucketPolicy"}))
    assert one("bucket-tags", answers, writing).status == status


def test_a_service_without_the_tag_is_named_with_the_command_that_opts_it_in():
    answers = service(tags=[]) | {"dynamodb:DescribeTable": NotFound("ResourceNotFoundException")}
    untagged, table = look("workloads", answers, here(WORKLOAD))
    assert untagged.message.en == "c/api has no tag auto-remediation: it is only observed"
    assert untagged.mend == f"aws ecs tag-resource --resource-arn {SERVICE} --tags key=auto-remediation,value=auto"
    assert table.message.en == "there is no table users here"


def test_a_tag_that_nobody_understands_counts_as_none():
    found = look(
        "workloads",
        service(tags=[{"key": "auto-remediation", "value": "yes"}]),
        here(Workload(name="w", cluster="c", service="api")),
    )
    assert [(f.status, f.message.en) for f in found] == [("missing", "c/api: tag value not understood: yes")]


def test_a_service_that_is_not_there_is_named():
    gone = {"ecs:DescribeServices": {"services": [{"serviceArn": SERVICE, "status": "INACTIVE"}]}}
    lone = here(Workload(name="w", cluster="c", service="api"))
    assert one("workloads", gone, lone).message.en == "there is no service c/api here"
    assert one("workloads", {"ecs:DescribeServices": NotFound("ClusterNotFoundException")}, lone).status == "missing"


def test_names_of_a_load_balancer_that_are_not_declared_are_found_by_way_of_the_service():
    answers = service(loadBalancers=[{"targetGroupArn": GROUP, "containerName": "api", "containerPort": 8000}]) | {
        "elasticloadbalancing:DescribeTargetGroups": {"TargetGroups": [{"LoadBalancerArns": [BALANCER]}]}
    }
    tagged, undeclared = look("workloads", answers, here(Workload(name="w", cluster="c", service="api")))
    assert tagged.status == "ok"
    assert undeclared.mend == (
        'in cdk.json: "load_balancer": "app/alb/50dc6c495c0c9188", "target_group": "targetgroup/api/73e2d6bc24d8a067"'
    )


def test_everything_that_is_declared_is_looked_for():
    everything = Workload(
        name="w", load_balancer="app/alb/50dc6c495c0c9188", target_group="targetgroup/api/73e2d6bc24d8a067",
        tables=("users",), bucket="site", distribution="E123",
    )  # fmt: skip
    tags = [{"Key": "auto-remediation", "Value": "approve"}]
    answers = {
        "elasticloadbalancing:DescribeLoadBalancers": {"LoadBalancers": [{"LoadBalancerArn": BALANCER}]},
        "elasticloadbalancing:DescribeTargetGroups": NotFound("TargetGroupNotFound"),
        "elasticloadbalancing:DescribeTags": {"TagDescriptions": [{"ResourceArn": BALANCER, "Tags": tags}]},
        "dynamodb:DescribeTable": {"Table": {"TableName": "users"}},
        "dynamodb:ListTagsOfResource": {"Tags": tags},
        "s3:GetBucketLocation": {"LocationConstraint": REGION},
        "cloudfront:GetDistribution": Rejected("cloudfront:GetDistribution", "NoSuchDistribution", "?"),
    }
    found = look("workloads", answers, here(everything))
    assert [f.status for f in found] == ["ok", "missing", "ok", "ok", "missing"]
    assert [f.message.en for f in found if f.status == "missing"] == [
        "there is no target group targetgroup/api/73e2d6bc24d8a067 here",
        "there is no distribution E123 here",
    ]


@pytest.mark.parametrize(("role", "status"), [("role/api-task", "ok"), ("role/other", "missing")])
def test_roles_that_fixes_may_not_pass_are_named(role, status):
    definition = {"taskDefinition": {"taskRoleArn": f"arn:aws:iam::123456789012:{role}"}}
    found = one("pass-roles", service() | {"ecs:DescribeTaskDefinition": definition}, here(WORKLOAD))
    assert (found.status, found.mend) == (
        status,
        "" if status == "ok" else 'add "role/other" to pass_roles in cdk.json',
    )


@pytest.mark.parametrize(
    ("clusters", "words"),
    [
        ([{"settings": [{"name": "containerInsights", "value": "enhanced"}]}], "Container Insights of c: enhanced"),
        ([{}], "Container Insights of c: disabled"),
        ([], "there is no cluster c here"),
    ],
)
def test_container_insights_are_told(clusters, words):
    assert one("insights", {"ecs:DescribeClusters": {"clusters": clusters}}, here(WORKLOAD)).message.en.startswith(
        words
    )


def test_the_first_deployment_observes_and_says_so():
    found = one("switch", {"ssm:GetParameter": NotFound("ParameterNotFound")})
    assert (found.status, found.stops) == ("later", False)
    assert "the switch begins at observe" in found.message.en
    assert "observe で始まり" in found.message.ja
    assert one("switch", parameter("observe")).mend.startswith("aws ssm put-parameter --name /remediator/switch")
    assert one("switch", parameter("auto")).mend == ""


def stack(outputs):
    values = {"StackName": "Remediator", "CreationTime": 0, "StackStatus": "CREATE_COMPLETE", "Outputs": outputs}
    return {"cloudformation:DescribeStacks": {"Stacks": [values]}}


def test_a_reader_who_has_not_confirmed_reads_nothing():
    waiting = {"SubscriptionArn": "PendingConfirmation", "Endpoint": "sato@example.com"}
    answers = stack([{"OutputKey": "TopicHigh", "OutputValue": TOPIC}]) | {
        "sns:ListSubscriptionsByTopic": {"Subscriptions": [waiting]}
    }
    found = look("mail", answers)
    assert [f.message.en for f in found] == [
        "sato@example.com has not confirmed the topic high",
        "nobody reads the topic high",
    ]
    answers["sns:ListSubscriptionsByTopic"] = {"Subscriptions": [waiting, {**waiting, "SubscriptionArn": f"{TOPIC}:1"}]}
    assert [f.status for f in look("mail", answers)] == ["missing", "ok"]


def test_readers_are_a_thing_for_later_before_the_first_deployment_and_unknown_where_it_may_not_be_read():
    absent = Rejected("cloudformation:DescribeStacks", "ValidationError", "does not exist")
    assert one("mail", {"cloudformation:DescribeStacks": absent}).status == "later"
    assert (
        one("mail", {"cloudformation:DescribeStacks": Denied("cloudformation:DescribeStacks", "?")}).status == "unknown"
    )


def test_every_call_reads():
    sources = (Path(m.__file__).read_text() for m in (preflight, account_checks, workload_checks))
    called = {a for s in sources for a in re.findall(r'"([a-z0-9-]+:[A-Z][A-Za-z]+)"', s)} - {"dynamodb:UpdateTable"}
    assert len(called) > 12
    assert all(a.split(":")[1].startswith(("Describe", "Get", "List")) for a in called)
