"""Readers of DynamoDB on answers in AWS's own shape; requests and answers are checked against botocore's models."""

from datetime import UTC, datetime

import pytest

from remediator.core.errors import NotFound, Rejected
from remediator.core.model import Resource, Signal
from remediator.core.ports import Scope
from remediator.core.settings import Settings
from remediator.resources.dynamodb import readers as dynamodb
from tests.fakes import FakeAws
from tests.problems.dynamodb_throttling.samples import INDEX, TABLE_ARN, index, table
from tests.samples import NOW, incident

AT = datetime(2026, 11, 23, 2, 50, tzinfo=UTC)
RESOURCE = Resource("table", TABLE_ARN)


def scope(*indexes, **changes):
    signals = tuple(
        Signal(kind="alarm", resource=RESOURCE, level="medium", at=NOW, key=i, facts={"index": i} if i else {})
        for i in (*indexes, "")
    )
    of = incident(runbook="dynamodb_throttling", resource=RESOURCE, signals=signals)
    return Scope(incident=of, now=NOW, settings=Settings(), **changes)


def described(**changes):
    return {
        "TableName": "portfolio-users",
        "TableArn": TABLE_ARN,
        "TableStatus": "ACTIVE",
        "ProvisionedThroughput": {
            "ReadCapacityUnits": 10,
            "WriteCapacityUnits": 5,
            "NumberOfDecreasesToday": 2,
            "LastIncreaseDateTime": AT,
        },
        "GlobalSecondaryIndexes": [
            {
                "IndexName": INDEX,
                "IndexArn": f"{TABLE_ARN}/index/{INDEX}",
                "IndexStatus": "UPDATING",
                "ProvisionedThroughput": {"ReadCapacityUnits": 3, "WriteCapacityUnits": 4},
                "OnDemandThroughput": {"MaxReadRequestUnits": -1, "MaxWriteRequestUnits": 40},
            }
        ],
        **changes,
    }


def test_a_table_is_read_with_its_indexes_and_its_limits():
    read = dynamodb.table(FakeAws({"dynamodb:DescribeTable": {"Table": described()}}), scope())
    assert (read.own.read, read.own.write, read.own.decreases_today) == (10, 5, 2)
    assert read.own.increased_at == "2026-11-23T02:50:00.000Z"
    assert not read.on_demand
    of_index = read.part(INDEX)
    assert (of_index.write, of_index.max_read, of_index.max_write) == (4, None, 40)
    assert read.busy
    assert read.part("gone") is None


def test_billing_class_and_replicas_are_read():
    found = described(
        BillingModeSummary={"BillingMode": "PAY_PER_REQUEST", "LastUpdateToPayPerRequestDateTime": AT},
        TableClassSummary={"TableClass": "STANDARD_INFREQUENT_ACCESS"},
        Replicas=[{"RegionName": "ap-northeast-1"}, {"RegionName": "us-east-1"}],
        OnDemandThroughput={"MaxReadRequestUnits": 100, "MaxWriteRequestUnits": -1},
    )
    read = dynamodb.table(FakeAws({"dynamodb:DescribeTable": {"Table": found}}), scope())
    assert read.on_demand
    assert read.on_demand_since == "2026-11-23T02:50:00.000Z"
    assert (read.table_class, read.replicas) == ("STANDARD_INFREQUENT_ACCESS", ("us-east-1",))
    assert (read.own.max_read, read.own.max_write) == (100, None)


def test_an_incident_of_something_else_has_no_table():
    with pytest.raises(NotFound, match="is no table"):
        dynamodb.table(FakeAws({}), Scope(incident=incident(), now=NOW, settings=Settings()))


def test_the_opt_in_is_read_from_the_tables_own_tags():
    aws = FakeAws({"dynamodb:ListTagsOfResource": {"Tags": [{"Key": "auto-remediation", "Value": "auto"}]}})
    assert dynamodb.tags(aws, scope()) == {"auto-remediation": "auto"}
    assert aws.calls[0][1] == {"ResourceArn": TABLE_ARN}


# -- metrics -----------------------------------------------------------------------------------------------------------


def metrics(values=None, **changes):
    """CloudWatch: a datapoint for each named metric (of an index: `metric/index`), none for the rest."""

    def answer(**asked):
        results = []
        for query in asked["MetricDataQueries"]:
            metric = query["MetricStat"]["Metric"]
            of = {d["Name"]: d["Value"] for d in metric["Dimensions"]}
            assert of["TableName"] == "portfolio-users"
            name = "/".join(filter(None, (metric["MetricName"], of.get("GlobalSecondaryIndexName"))))
            known = (values or {}).get(name)
            found = {"Timestamps": [AT], "Values": [known]} if known is not None else {"Timestamps": [], "Values": []}
            results.append({"Id": query["Id"], "Label": name, "StatusCode": "Complete", **found, **changes})
        return {"MetricDataResults": results}

    return FakeAws({"cloudwatch:GetMetricData": answer})


def by_place(flows):
    return {(f.index, f.direction): f for f in flows}


def test_causes_are_read_for_table_and_signalled_index_reads_and_writes_in_one_call():
    aws = metrics({"WriteKeyRangeThroughputThrottleEvents/by-mail": 7.0, "ConsumedReadCapacityUnits": 60.0})
    read = by_place(dynamodb.throttles(aws, scope(INDEX)))
    assert set(read) == {("", "read"), ("", "write"), (INDEX, "read"), (INDEX, "write")}
    assert read[INDEX, "write"].events("key_range") == 7
    assert read["", "write"].events("key_range") == 0
    assert read["", "read"].consumed[0].at == "2026-11-23T02:50:00.000Z"
    assert len(aws.calls) == 1
    queries = aws.calls[0][1]["MetricDataQueries"]
    assert {q["MetricStat"]["Stat"] for q in queries} == {"Sum"}
    assert len(queries) == 4 * 6


def test_the_window_is_the_scopes_and_the_load_is_of_an_hour():
    aws = metrics({"ConsumedWriteCapacityUnits": 300.0})
    dynamodb.throttles(aws, scope(window_s=300))
    read = by_place(dynamodb.load(aws, scope()))
    spans = [c["EndTime"] - c["StartTime"] for _, c in aws.calls]
    assert [s.total_seconds() for s in spans] == [300, 3600]
    assert read["", "write"].peak_per_s == 5


@pytest.mark.parametrize("reader", [dynamodb.throttles, dynamodb.load], ids=lambda r: r.name)
def test_no_datapoint_at_all_is_a_gap_because_zero_throttling_has_none_either(reader):
    with pytest.raises(NotFound, match="no datapoint"):
        reader(metrics(), scope())


def test_consumption_alone_proves_that_nothing_was_throttled():
    assert all(f.bad == () for f in dynamodb.throttles(metrics({"ConsumedReadCapacityUnits": 1.0}), scope()))


@pytest.mark.parametrize("status", ["PartialData", "InternalError", "Forbidden"])
def test_half_an_answer_of_cloudwatch_is_no_zero(status):
    with pytest.raises(Rejected, match=status):
        dynamodb.throttles(metrics({"ConsumedReadCapacityUnits": 1.0}, StatusCode=status), scope())


def test_a_series_that_is_missing_is_half_an_answer():
    with pytest.raises(KeyError):  # the gatherer makes a gap of it
        dynamodb.throttles(FakeAws({"cloudwatch:GetMetricData": {"MetricDataResults": []}}), scope())


@pytest.mark.parametrize("reader", [dynamodb.other_throttles, dynamodb.other_load], ids=lambda r: r.name)
def test_indexes_that_no_signal_named_are_read_once_they_are_known(reader):
    aws = metrics()
    assert {f.index for f in reader(aws, scope(), table())} == {INDEX}
    assert reader(metrics(), scope(INDEX), table()) == ()
    assert reader(metrics(), scope(), table(indexes=())) == ()


def test_without_other_indexes_no_call_is_made():
    aws = FakeAws({})
    dynamodb.other_throttles(aws, scope(INDEX), table())
    assert aws.calls == []


# -- who owns what -----------------------------------------------------------------------------------------------------


def target(dimension, **changes):
    return {
        "ServiceNamespace": "dynamodb",
        "ResourceId": "table/portfolio-users",
        "ScalableDimension": dimension,
        "MinCapacity": 5,
        "MaxCapacity": 50,
        "RoleARN": "r",
        "CreationTime": AT,
        "ScalableTargetARN": "arn:target",
        **changes,
    }


def test_autoscaling_is_read_for_the_table_and_each_index():
    of_index = target(
        "dynamodb:index:WriteCapacityUnits",
        ResourceId=f"table/portfolio-users/index/{INDEX}",
        SuspendedState={"DynamicScalingOutSuspended": True},
    )
    answer = {"ScalableTargets": [target("dynamodb:table:ReadCapacityUnits"), of_index]}
    aws = FakeAws({"application-autoscaling:DescribeScalableTargets": answer})
    own, other = dynamodb.scaling(aws, scope(), table())
    assert (own.index, own.direction, own.minimum, own.maximum, own.arn) == ("", "read", 5, 50, "arn:target")
    assert (other.index, other.direction, other.held) == (INDEX, "write", True)
    assert aws.calls[0][1]["ResourceIds"] == ["table/portfolio-users", f"table/portfolio-users/index/{INDEX}"]


def test_more_indexes_than_one_call_takes_are_all_asked_for():
    aws = FakeAws({"application-autoscaling:DescribeScalableTargets": {"ScalableTargets": []}})
    many = tuple(index(index=f"i{n}") for n in range(60))
    assert dynamodb.scaling(aws, scope(), table(indexes=many)) == ()
    assert [len(c["ResourceIds"]) for _, c in aws.calls] == [50, 11]


def test_quotas_and_the_state_of_contributor_insights_are_read():
    limits = {
        "AccountMaxReadCapacityUnits": 1,
        "AccountMaxWriteCapacityUnits": 2,
        "TableMaxReadCapacityUnits": 3,
        "TableMaxWriteCapacityUnits": 4,
    }
    read = dynamodb.quotas(FakeAws({"dynamodb:DescribeLimits": limits}), scope())
    assert (read.of_account("write"), read.of_table("read")) == (2, 3)

    def insights(TableName, IndexName=None):  # noqa: N803  # AWS's spelling
        named = {"IndexName": IndexName} if IndexName else {}
        return {"TableName": TableName, "ContributorInsightsStatus": "ENABLED" if IndexName else "DISABLED", **named}

    aws = FakeAws({"dynamodb:DescribeContributorInsights": insights})
    found = dynamodb.insights(aws, scope(INDEX))
    assert [(i.index, i.status) for i in found] == [("", "DISABLED"), (INDEX, "ENABLED")]


STACK = "cloudformation:DescribeStackResources"


def owned_by(kind):
    resource = {
        "StackName": "portfolio",
        "LogicalResourceId": "Users",
        "ResourceType": kind,
        "Timestamp": AT,
        "ResourceStatus": "CREATE_COMPLETE",
    }
    return {"StackResources": [resource]}


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        (owned_by("AWS::DynamoDB::Table"), "portfolio"),
        (owned_by("AWS::S3::Bucket"), ""),
        (Rejected(STACK, "ValidationError", "no"), ""),
    ],
)
def test_cloudformation_is_asked_by_the_tables_name(answer, name):
    aws = FakeAws({STACK: answer})
    assert dynamodb.stack(aws, scope()).name == name
    assert aws.calls[0][1] == {"PhysicalResourceId": "portfolio-users"}
