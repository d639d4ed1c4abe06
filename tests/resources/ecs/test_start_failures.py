"""Starts that fail and messages of services: unseen texts get the row that AWS's documentation gives them."""

import pytest

from remediator.resources.ecs.model import ContainerEnd, TaskStop
from remediator.resources.ecs.service_events import service_message
from remediator.resources.ecs.start_failures import named, start_failure, start_failure_text
from remediator.resources.ecs.stop_codes import meaning
from tests.ops.explain.unseen_ecs import SERVICE_MESSAGES, START_FAILURES

TASK = "arn:aws:ecs:eu-west-1:111122223333:task/portfolio-cluster/0f"


def failed(reason: str, *containers: str) -> TaskStop:
    ends = tuple(ContainerEnd(name=f"c{n}", reason=found) for n, found in enumerate(containers))
    return TaskStop(task_arn=TASK, stop_code="TaskFailedToStart", reason=reason, containers=ends)


def row(stop: TaskStop) -> str:
    found = start_failure(stop).row
    return f"ecs_task_not_starting.{found}" if found else "unknown"


@pytest.mark.parametrize(("reason", "right", "source"), START_FAILURES)
def test_a_start_that_failed_is_given_its_row_or_none(reason, right, source):
    assert row(failed(reason)) in right, source


@pytest.mark.parametrize(("reason", "right", "source"), START_FAILURES)
def test_names_case_and_wrapping_do_not_matter(reason, right, source):
    varied = "  " + reason.replace("eu-west-1", "ap-northeast-1").replace("111122223333", "000000000000").upper()
    assert row(failed(f"TaskFailedToStart: {varied}" if len(reason) > 20 else varied)) in right, source


@pytest.mark.parametrize(("reason", "right", "source"), START_FAILURES)
def test_a_container_says_it_where_the_task_does_not(reason, right, source):
    assert row(failed("Task failed to start", "", reason)) in right, source


@pytest.mark.parametrize("cut", range(0, 220, 11))
def test_a_reason_that_is_cut_before_its_deciding_words_tells_no_row(cut):
    whole = START_FAILURES[1][0]
    text = row(failed(whole[:cut]))
    assert text == "unknown" or "RequestError: send request failed" in whole[:cut]


@pytest.mark.parametrize(("message", "right", "source"), SERVICE_MESSAGES)
def test_a_service_message_is_understood(message, right, source):
    found = service_message(message)
    assert (found.row or found.kind) in right, source
    assert found.because.en
    assert found.because.ja


def test_what_the_text_names_is_kept_for_the_runbook():
    text = (
        "AccessDeniedException: User: arn:aws:sts::111122223333:assumed-role/taskExec/9f is not authorized to perform: "
        "secretsmanager:GetSecretValue on resource: arn:aws:secretsmanager:eu-west-1:111122223333:secret:db/main-x1 "
    )
    assert named(text) == {
        "caller": "arn:aws:sts::111122223333:assumed-role/taskExec/9f",
        "secret": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db/main-x1",
        "action": "secretsmanager:GetSecretValue",
    }
    assert named("dial tcp 10.0.0.1:443: i/o timeout")["host"] == "10.0.0.1:443"
    assert named('Post "https://api.ecr.us-east-2.amazonaws.com/": x')["endpoint"] == "api.ecr.us-east-2.amazonaws.com"
    assert named("failed to resolve ref docker.io/acme/shop:1.2: not found")["image"] == "docker.io/acme/shop:1.2"


def test_the_error_table_s_codes_are_named():
    assert start_failure_text("RESOURCE:CPU").code == "error.ecs.resource_cpu"
    assert start_failure_text("RESOURCE:MEMORY").code == "error.ecs.resource_memory"
    assert start_failure_text("ATTRIBUTE").code == "error.ecs.missing_attribute"
    assert start_failure(failed("Task failed to start")).code == "error.ecs.client_error"


def test_a_start_that_failed_is_seen_without_a_stop_code_where_nothing_ran():
    assert meaning(TaskStop(task_arn=TASK, reason="RESOURCE:ENI")) == "failed_to_start"
    ran = TaskStop(task_arn=TASK, reason="odd: connection refused", containers=(ContainerEnd(name="a", exit_code=1),))
    assert meaning(ran) == "unknown"


def test_a_megabyte_of_text_is_bounded_work():
    long = "image " + "a/" * 500_000 + " dial tcp lookup " + "x." * 10_000
    assert row(failed(long)) == "unknown"
    assert service_message("(service " + long).kind == "unknown"
