"""A new AWS service is one folder in `resources/`: an SQS queue is put there, and nothing else of the product is touched."""

import importlib
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from infra.declared import declared_from
from infra.permissions import denials, write_statements
from remediator import resources
from remediator.core.model import Resource, Signal
from remediator.core.ports import Permission, Scope
from remediator.core.settings import Settings, Workload
from remediator.events.alarms import from_description
from remediator.gates.automation_in_progress import rollouts, scaling
from remediator.gates.person_at_work import RecentCalls, recent_global_calls
from remediator.gates.wider_outage import aws_health
from remediator.reports.sections.commands import opt_in
from remediator.resources import kinds
from remediator.resources.cloudtrail.readers import names_of
from remediator.resources.metric_series import wanted
from tests.fakes import FakeAws
from tests.samples import NOW, incident

REGION, ACCOUNT = "ap-northeast-1", "123456789012"
ARN = f"arn:aws:sqs:{REGION}:{ACCOUNT}:portfolio-orders"
URL = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/portfolio-orders"
QUEUE = Resource("queue", ARN)
WORKLOAD = Workload(name="portfolio", cluster="portfolio-cluster", service="portfolio-api-service", resources=(ARN,))
SETTINGS = Settings(workloads=(Workload(name="other"), WORKLOAD))
ALARM = {
    "AlarmName": "orders-wait",
    "AlarmArn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:orders-wait",
    "StateValue": "ALARM",
    "StateTransitionedTimestamp": NOW,
    "Namespace": "AWS/SQS",
    "MetricName": "ApproximateAgeOfOldestMessage",
    "Dimensions": [{"Name": "QueueName", "Value": "portfolio-orders"}],
}


def forget() -> None:
    for kept in (kinds.kinds, kinds._by_name, kinds.namespaces, kinds.known_metrics):
        kept.cache_clear()
    for name in [n for n in sys.modules if n.startswith("remediator.resources.sqs")]:
        del sys.modules[name]
    importlib.invalidate_caches()


@pytest.fixture(autouse=True)
def folder_of_sqs(tmp_path):
    """One folder more: `resources/sqs/` with its `kind.py`."""
    folder = tmp_path / "sqs"
    folder.mkdir()
    (folder / "__init__.py").write_text('"""Amazon SQS queues."""\n')
    (folder / "kind.py").write_text((Path(__file__).parent / "queue_kind.py").read_text(encoding="utf-8"))
    resources.__path__.append(str(tmp_path))
    forget()
    yield
    resources.__path__.remove(str(tmp_path))
    vars(resources).pop("sqs", None)
    forget()


def alarmed():
    found = from_description(ALARM, REGION, ACCOUNT, NOW)
    assert isinstance(found, Signal)
    return found


def scope(*signals, workload=WORKLOAD):
    return Scope(incident=incident(*signals, resource=QUEUE), now=NOW, settings=SETTINGS, workload=workload)


def test_an_alarm_on_its_metric_resolves_to_the_queue():
    assert alarmed().resource == QUEUE


def test_an_alarm_whose_dimension_is_no_name_of_a_queue_resolves_to_nothing():
    broken = {**ALARM, "Dimensions": [{"Name": "QueueName", "Value": "no queue"}]}
    assert not isinstance(from_description(broken, REGION, ACCOUNT, NOW), Signal)


def test_cloudtrails_records_of_it_are_found_by_name_arn_and_url():
    assert names_of(scope(workload=None)) == ("portfolio-orders", ARN, URL)


def test_its_workloads_other_incidents_know_its_names_too():
    of_service = Scope(incident=incident(), now=NOW, settings=SETTINGS, workload=WORKLOAD)
    assert {"portfolio-api-service", "portfolio-orders", ARN, URL} <= set(names_of(of_service))


def test_its_workload_is_the_one_that_declares_its_arn():
    assert kinds.workload_of(SETTINGS, QUEUE) == WORKLOAD
    assert kinds.workload_of(SETTINGS, Resource("queue", f"{ARN}-of-others")) is None


def test_the_page_of_its_incident_draws_the_alarms_metric_first_and_its_own_after_it():
    drawn = wanted(incident(alarmed(), resource=QUEUE), WORKLOAD)
    assert [w.name for w in drawn] == ["ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"]
    assert {str(w.dimensions) for w in drawn} == {"{'QueueName': 'portfolio-orders'}"}


def test_its_owner_is_told_how_to_opt_in():
    (command,) = opt_in(QUEUE)
    assert command.line.startswith(f"aws sqs tag-queue --queue-url {URL} --tags auto-remediation=auto --region")


def test_the_gates_ask_aws_health_for_its_service_and_nobody_for_deployments_or_scaling():
    aws = FakeAws({"health:DescribeEvents": {"events": []}})
    asked = scope()
    with_health = Scope(incident=asked.incident, now=NOW, settings=Settings(aws_health=True), workload=WORKLOAD)
    aws_health(aws, with_health)
    assert aws.calls[0][1]["filter"]["services"] == ["SQS"]
    assert (rollouts(aws, asked), scaling(aws, asked)) == ((), "")
    assert recent_global_calls(aws, asked) == RecentCalls()
    assert len(aws.calls) == 1


def test_a_fix_may_write_to_it_where_it_has_opted_in_and_may_neither_purge_nor_tag_it():
    write = Permission("sqs:SetQueueAttributes", "arn:{partition}:sqs:{region}:{account}:*")
    (allowed, *_) = write_statements(SimpleNamespace(id="sqs_queue_backlog", writes=lambda: (write,)), ())
    assert allowed.actions == ("sqs:SetQueueAttributes",)
    assert allowed.conditions == {"StringEquals": {"aws:ResourceTag/auto-remediation": ["auto", "approve"]}}
    denied = {action for statement in denials() for action in statement.actions}
    assert {"sqs:Delete*", "sqs:PurgeQueue", "sqs:TagQueue", "sqs:UntagQueue"} <= denied


def test_a_workload_may_declare_it_and_nothing_of_an_unknown_kind():
    def declared(arn):
        return declared_from({"remediator": {"workloads": [{"name": "portfolio", "resources": [arn]}]}}.get)

    assert declared(ARN).settings.workloads[0].resources == (ARN,)
    with pytest.raises(ValueError, match="of no known kind"):
        declared(f"arn:aws:glue:{REGION}:{ACCOUNT}:table/a/b")
