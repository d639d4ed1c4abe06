"""What the emulator adds to ministack for a site: copies at the edge, and a bus that another region's rule reaches."""

import json

import pytest

from remediator.core.ports import GLOBAL_REGION

from .emulator_process import ACCOUNT, REGION, Emulator
from .portfolio import deploy_portfolio

pytestmark = pytest.mark.e2e
PAGE = "about.html"
BUS = f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/default"
SOURCE = "test.site"


@pytest.fixture
def world(installed):
    with Emulator(python=installed) as running:
        yield running


def test_the_edge_keeps_a_page_that_is_gone_until_its_copy_is_invalidated(world):
    site = deploy_portfolio(world, Distribution="true")

    def status():
        return world.visit(site["DistributionDomain"], f"/{PAGE}")

    assert status() == 200
    world.client("s3").delete_object(Bucket=site["BucketName"], Key=PAGE)
    assert status() == 200
    batch = {"Paths": {"Quantity": 1, "Items": [f"/{PAGE}"]}, "CallerReference": "one"}
    named = {"DistributionId": site["DistributionId"]}
    made = world.client("cloudfront").create_invalidation(**named, InvalidationBatch=batch)["Invalidation"]
    assert made["Status"] == "InProgress"
    world.let_pass(44)
    assert status() == 200
    world.let_pass(1)
    assert status() == 403


def forwarded(world, *allowed):
    """What arrives behind the home region's bus when a rule of us-east-1 sends there with a role that may do `allowed`."""
    trust = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam = world.client("iam")
    role = iam.create_role(RoleName="sends", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))["Role"]
    may = {"Statement": [{"Effect": "Allow", "Action": list(allowed), "Resource": BUS}]}
    iam.put_role_policy(RoleName="sends", PolicyName="may", PolicyDocument=json.dumps(may))
    queue, arn = open_queue(world)
    there = world.in_region(GLOBAL_REGION).client("events")
    for events, target in ((world.client("events"), {"Arn": arn}), (there, {"Arn": BUS, "RoleArn": role["Arn"]})):
        events.put_rule(Name="pass-on", EventPattern=json.dumps({"source": [SOURCE]}))
        events.put_targets(Rule="pass-on", Targets=[{"Id": "one", **target}])
    there.put_events(Entries=[{"Source": SOURCE, "DetailType": "x", "Detail": "{}"}])
    world.let_pass()
    told = world.client("sqs").receive_message(QueueUrl=queue).get("Messages", [])
    return [json.loads(m["Body"])["region"] for m in told]


def open_queue(world):
    sqs, arn = world.client("sqs"), f"arn:aws:sqs:{REGION}:{ACCOUNT}:home"
    queue = sqs.create_queue(QueueName="home")["QueueUrl"]
    lets_in = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [lets_in]})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    return queue, arn


def test_an_event_reaches_another_regions_bus_by_a_role_that_may_put_it_there(world):
    assert forwarded(world, "events:PutEvents") == [GLOBAL_REGION]
    assert world.view("denials") == []


def test_an_event_stays_where_it_is_without_such_a_right(world):
    assert forwarded(world, "events:PutRule") == []
    assert [d["action"] for d in world.view("denials")] == ["events:PutEvents"]
