"""Loans at the edge: the schedule that is made once, what becomes of one that is not, and what is read of a loan."""

import json
from dataclasses import replace

import boto3
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from remediator.aws.schedules import schedule_lease_check
from remediator.core.errors import NotFound
from remediator.core.lease import Lease
from remediator.core.model import Resource
from remediator.core.ports import Scope
from remediator.core.serialization import canonical
from remediator.core.settings import Settings
from remediator.events import parse_body
from remediator.events.internal import lease_event
from remediator.problems.lease_hand_back import readers as leases
from remediator.problems.lease_hand_back.model import BorrowedState
from tests.core.test_lease import LEASE, record
from tests.fakes import FakeAws
from tests.resources.dynamodb.test_readers import described
from tests.samples import NOW, incident

GROUP = "remediator-leases-ap-northeast-1"
QUEUE = "arn:aws:sqs:ap-northeast-1:123456789012:intake"
DEAD = "arn:aws:sqs:ap-northeast-1:123456789012:dead"
ROLE = "arn:aws:iam::123456789012:role/remediator-leases"


class Scheduler:
    """A client that answers CreateSchedule with what it is given."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def __call__(self, service, region=""):
        assert service == "scheduler"
        return self

    def create_schedule(self, **asked):
        self.asked.append(asked)
        answer = self.answers.pop(0) if self.answers else {}
        if isinstance(answer, Exception):
            raise answer
        return answer


def refused(code, status=400):
    values = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(values, "CreateSchedule")


@pytest.fixture
def ready(runtime):
    names = replace(runtime.environment, lease_group=GROUP, lease_role=ROLE, lease_queue=QUEUE, lease_dead=DEAD)
    return replace(runtime, environment=names)


def test_a_loan_is_put_down_as_a_one_off_schedule_that_deletes_itself(ready):
    scheduler = boto3.client("scheduler")
    scheduler.create_schedule_group(Name=GROUP)
    kept = schedule_lease_check(ready, "lender-1", LEASE)
    assert (kept.until, kept.extension, kept.lost) == (LEASE.at, 0, "")
    made = scheduler.get_schedule(GroupName=GROUP, Name="lease-lender-1")
    assert made["ScheduleExpression"] == "at(2026-11-23T05:00:00)"
    assert (made["ActionAfterCompletion"], made["FlexibleTimeWindow"]) == ("DELETE", {"Mode": "OFF"})
    assert made["Target"]["Arn"] == QUEUE
    assert made["Target"]["RoleArn"] == ROLE
    assert made["Target"]["DeadLetterConfig"] == {"Arn": DEAD}
    (signal,) = parse_body(made["Target"]["Input"])
    assert signal.facts["lent_by"] == "lender-1"


def test_one_that_is_there_already_is_the_same_one(ready):
    boto3.client("scheduler").create_schedule_group(Name=GROUP)
    assert schedule_lease_check(ready, "lender-1", LEASE) == schedule_lease_check(ready, "lender-1", LEASE)


def test_a_repeated_request_has_the_same_name_and_token(ready):
    scheduler = Scheduler()
    found = replace(ready, clients=scheduler)
    schedule_lease_check(found, "lender-1", LEASE)
    schedule_lease_check(found, "lender-1", LEASE)
    assert scheduler.asked[0] == scheduler.asked[1]
    assert scheduler.asked[0]["ClientToken"] == scheduler.asked[0]["Name"]


@pytest.mark.parametrize(
    "answer",
    [
        refused("AccessDeniedException", 403),
        refused("ThrottlingException", 429),
        refused("InternalServerException", 500),
        refused("ServiceQuotaExceededException", 402),
        refused("ResourceNotFoundException", 404),
        refused("ValidationException"),
        ReadTimeoutError(endpoint_url="https://scheduler"),
    ],
    ids=["denied", "throttled", "error 500", "quota", "no group", "rejected", "no answer"],
)
def test_what_cannot_be_put_down_never_fails_and_says_why(ready, answer):
    kept = schedule_lease_check(replace(ready, clients=Scheduler(answer)), "lender-1", LEASE)
    assert kept.until == ""
    assert "CreateSchedule" in kept.lost


def test_where_no_group_is_deployed_it_is_said(runtime):
    assert schedule_lease_check(runtime, "lender-1", LEASE).lost


# -- readers -----------------------------------------------------------------------------------------------------------


def scope(lease: Lease = LEASE, **changes):
    (signal,) = parse_body(canonical(lease_event(lease)))
    of = incident(runbook="lease_hand_back", resource=signal.resource, signals=(signal,), id="lease-hand-back-1")
    return Scope(incident=replace(of, **changes), now=NOW, settings=Settings())


def with_ledger(**items):
    aws = FakeAws({})
    aws.ledger.update(items)
    return aws


ROOT = {"incident#lender-1": record({"Units": 10}, {"Units": 20})}


def test_a_loan_is_read_from_the_record_of_the_incident_that_lent_it():
    read = leases.loan(with_ledger(**ROOT), scope())
    assert (read.was, read.lent, read.over) == ({"Units": 10}, {"Units": 20}, None)


def test_a_loan_that_another_change_of_ours_stands_on_is_told_by_whoever_rests_or_holds_the_lock():
    raised = record({"Units": 20}, {"Units": 40})
    of = f"rest#{LEASE.resource.arn}"
    for key in (of, "lock#workload#portfolio"):
        aws = with_ledger(**ROOT, **{key: {"incident": "lender-2"}, "incident#lender-2": raised})
        assert leases.loan(aws, scope(workload="portfolio")).beyond == ({"Units": 40},)


def test_the_loans_own_incidents_are_no_others():
    for own in ("lender-1", "lease-hand-back-1"):
        aws = with_ledger(**ROOT, **{f"rest#{LEASE.resource.arn}": {"incident": own}})
        assert leases.loan(aws, scope()).beyond == ()


def test_an_incident_without_a_loan_is_none():
    with pytest.raises(NotFound):
        leases.loan(FakeAws({}), replace(scope(), incident=incident()))


def test_a_table_is_held_with_its_tags_owners_and_stack():
    aws = FakeAws(
        {
            "dynamodb:DescribeTable": {"Table": described()},
            "dynamodb:ListTagsOfResource": {"Tags": [{"Key": "auto-remediation", "Value": "auto"}]},
            "application-autoscaling:DescribeScalableTargets": {"ScalableTargets": []},
            "cloudformation:DescribeStackResources": {"StackResources": []},
        }
    )
    held = leases.held(aws, scope())
    assert held.table is not None
    assert (held.gone, held.tags) == (False, {"auto-remediation": "auto"})


def test_what_does_not_exist_any_more_is_gone_and_no_gap():
    aws = FakeAws({"dynamodb:DescribeTable": NotFound("Requested resource not found")})
    assert leases.held(aws, scope()).gone


def test_a_service_that_was_deleted_is_gone():
    arn = "arn:aws:ecs:ap-northeast-1:123456789012:service/portfolio-cluster/portfolio-api-service"
    lease = replace(LEASE, resource=Resource("ecs_service", arn))
    aws = FakeAws(
        {
            "ecs:DescribeServices": {"services": []},
            "application-autoscaling:DescribeScalableTargets": {"ScalableTargets": []},
            "cloudformation:DescribeStackResources": {"StackResources": []},
        }
    )
    assert leases.held(aws, scope(lease)).gone


def test_the_hour_of_a_table_is_its_highest_minute_with_what_was_refused():
    def answer(**asked):
        hours = (asked["EndTime"] - asked["StartTime"]).total_seconds() / 3600
        assert 1 <= hours < 1.1
        at = asked["StartTime"]
        values = {"consumed_0": [600.0], "refused_0": [60.0]}
        return {
            "MetricDataResults": [
                {"Id": q["Id"], "Timestamps": [at] * len(v), "Values": v, "StatusCode": "Complete"}
                for q in asked["MetricDataQueries"]
                for v in [values.get(q["Id"], [])]
            ]
        }

    table = BorrowedState(table=leases.table(FakeAws({"dynamodb:DescribeTable": {"Table": described()}}), scope()))
    read = leases.usage(FakeAws({"cloudwatch:GetMetricData": answer}), scope(), table)
    busiest = max(a.wanted_per_s for a in read.asked)
    assert busiest == pytest.approx(11.0)
    assert len(read.throttled) == 1


def test_of_what_is_gone_nothing_was_used():
    with pytest.raises(NotFound):
        leases.usage(FakeAws({}), scope(), BorrowedState(gone=True))


def test_the_body_of_a_schedule_is_json_of_a_bounded_size():
    assert len(json.dumps(lease_event(LEASE))) < 2048
