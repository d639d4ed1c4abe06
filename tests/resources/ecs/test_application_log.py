"""The reader of an application's log: the stopped task's stream first, then the group, never without bounds."""

from dataclasses import replace

import pytest

from remediator.core.errors import Denied, NotFound
from remediator.core.model import Resource
from remediator.core.ports import Scope
from remediator.core.settings import Settings, Workload
from remediator.core.timestamps import after, moment
from remediator.resources.ecs.readers.application_log import BEFORE_S, CHARS, PAGES, STREAM_EVENTS, log_digest
from tests.fakes import FakeAws
from tests.samples import DEFINITION, NOW, SERVICE_ARN, incident, signal

GROUP = "/aws/ecs/portfolio-api"
TASK = "arn:aws:ecs:ap-northeast-1:123456789012:task/portfolio-cluster/t1"
STREAM = "ecs/api/t1"
NOW_MS = int(moment(NOW).timestamp() * 1000)
WORKLOAD = Workload(name="portfolio", cluster="portfolio-cluster", service="portfolio-api-service", tables=("users",))
ALARM = replace(signal(), kind="alarm")
SCOPE = Scope(incident=incident(signals=(ALARM,)), now=NOW, settings=Settings(), workload=WORKLOAD)
TABLE = Resource("table", "arn:aws:dynamodb:ap-northeast-1:123456789012:table/users")
GROUP_OF_TARGETS = Resource(
    "target_group", "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/api/73e2d6bc24d8a067"
)
TRACE = (
    "ERROR request failed",
    "Traceback (most recent call last):",
    '  File "a.py", line 1, in f',
    "    g()",
    "KeyError: 'X'",
)
SERVICE = {
    "serviceArn": SERVICE_ARN,
    "serviceName": "s",
    "clusterArn": "c",
    "status": "ACTIVE",
    "desiredCount": 2,
    "runningCount": 1,
    "taskDefinition": DEFINITION,
}
SPECIFIED = {
    "taskDefinitionArn": f"{DEFINITION}:42",
    "family": "portfolio-api",
    "containerDefinitions": [
        {
            "name": "api",
            "image": "x",
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {"awslogs-group": GROUP, "awslogs-stream-prefix": "ecs", "awslogs-region": "ap-northeast-1"},
            },
        }
    ],
}
STOPPED = {
    "taskArn": TASK,
    "taskDefinitionArn": f"{DEFINITION}:42",
    "group": "service:portfolio-api-service",
    "lastStatus": "STOPPED",
    "stopCode": "EssentialContainerExited",
    "stoppedReason": "Essential container in task exited",
    "startedAt": moment(after(NOW, -200)),
    "stoppedAt": moment(after(NOW, -100)),
    "containers": [{"name": "api", "exitCode": 1}],
}


def events(*texts, stream="", at_ms=NOW_MS - 120_000):
    named = {"logStreamName": stream} if stream else {}
    return [{"timestamp": at_ms + n, "message": text, **named} for n, text in enumerate(texts)]


def aws(stream=(), group=(), **changes):
    """AWS with one stopped task; `group` is what FilterLogEvents answers, in order, the last one again and again."""
    answers = list(group) or [{"events": []}]

    def filtered(**_):
        return answers.pop(0) if len(answers) > 1 else answers[0]

    values = {
        "ecs:DescribeServices": {"services": [SERVICE]},
        "ecs:DescribeTaskDefinition": {"taskDefinition": SPECIFIED},
        "ecs:ListTasks": {"taskArns": [TASK]},
        "ecs:DescribeTasks": {"tasks": [STOPPED]},
        "logs:GetLogEvents": {"events": list(stream)},
        "logs:FilterLogEvents": filtered,
    }
    return FakeAws({**values, **{k.replace("__", ":"): v for k, v in changes.items()}})


def asked(at, action):
    return [parameters for called, parameters in at.calls if called == action]


def test_the_stopped_tasks_stream_comes_first_and_what_both_tell_counts_once():
    both = events(*TRACE)
    group = {"events": [{**e, "logStreamName": STREAM} for e in (both[0], both[1], both[4])]}
    at = aws(both, [group])
    read = log_digest(at, SCOPE)
    assert [a for a, _ in at.calls if a.startswith("logs:")] == ["logs:GetLogEvents", "logs:FilterLogEvents"]
    assert asked(at, "logs:GetLogEvents")[0]["logStreamName"] == STREAM
    assert (read.errors, read.group, read.trace_stream) == (1, GROUP, STREAM)
    assert (read.trace[0], read.trace[-1]) == (TRACE[1], TRACE[4])


def test_the_window_begins_ten_minutes_before_the_first_signal():
    at = aws()
    read = log_digest(at, SCOPE)
    assert read.since == after(NOW, -BEFORE_S)
    assert asked(at, "logs:FilterLogEvents")[0]["startTime"] == NOW_MS - 1000 * BEFORE_S
    assert read.errors == 0
    assert read.complete


@pytest.mark.parametrize("resource", [TABLE, GROUP_OF_TARGETS])
def test_of_a_table_or_target_group_the_workloads_service_is_looked_at(resource):
    at = aws()
    log_digest(at, replace(SCOPE, incident=incident(resource=resource, signals=())))
    assert asked(at, "ecs:DescribeServices")[0]["services"] == ["portfolio-api-service"]


def test_without_a_declared_service_it_says_so_and_asks_nothing():
    at = aws()
    with pytest.raises(NotFound, match="no service is declared"):
        log_digest(at, replace(SCOPE, incident=incident(resource=TABLE, signals=()), workload=None))
    assert at.calls == []


def test_a_service_that_logs_elsewhere_is_a_gap():
    bare = {**SPECIFIED, "containerDefinitions": [{"name": "api", "image": "x"}]}
    with pytest.raises(NotFound, match="no container"):
        log_digest(aws(ecs__DescribeTaskDefinition={"taskDefinition": bare}), SCOPE)


def test_a_denied_log_is_a_gap_and_denied_tasks_are_not():
    with pytest.raises(Denied):
        log_digest(aws(logs__FilterLogEvents=Denied("logs:FilterLogEvents", "no")), SCOPE)
    read = log_digest(
        aws(group=[{"events": events("ERROR x", stream="b")}], ecs__ListTasks=Denied("ecs:ListTasks", "no")), SCOPE
    )
    assert read.errors == 1


def test_a_task_that_never_logged_leaves_the_group():
    gone = NotFound("ResourceNotFoundException")
    assert (
        log_digest(aws(group=[{"events": events("ERROR x", stream="b")}], logs__GetLogEvents=gone), SCOPE).errors == 1
    )


def test_the_frames_of_an_error_elsewhere_are_read_around_it():
    matched = {"events": [{**e, "logStreamName": "b"} for e in (events(*TRACE)[n] for n in (0, 1, 4))]}
    whole = {"events": events(*TRACE, stream="b")}
    at = aws(group=[matched, whole])
    read = log_digest(at, SCOPE)
    assert asked(at, "logs:FilterLogEvents")[1]["logStreamNames"] == ["b"]
    assert "filterPattern" not in asked(at, "logs:FilterLogEvents")[1]
    assert read.errors == 1
    assert read.trace == TRACE[1:]


def test_pages_are_read_up_to_a_bound_and_what_is_left_is_said():
    at = aws(group=[{"events": events("ERROR x", stream="b"), "nextToken": "more"}])
    read = log_digest(at, SCOPE)
    assert len(asked(at, "logs:FilterLogEvents")) == PAGES + 1  # one more for the frames
    assert not read.complete
    assert f"{PAGES} requests" in read.cut


def test_a_full_stream_is_said_to_be_cut():
    read = log_digest(aws(events(*["INFO fine"] * STREAM_EVENTS)), SCOPE)
    assert "last 500 events" in read.cut


def test_more_text_than_is_read_is_left_out():
    long = events(*(f"ERROR {n} " + "x" * 19_000 for n in range(CHARS // 19_000 + 10)), stream="b")
    read = log_digest(aws(group=[{"events": long}]), SCOPE)
    assert "more text" in read.cut
    assert read.events <= CHARS // 19_000


def test_secrets_of_the_log_are_not_in_what_is_kept():
    read = log_digest(aws(events("ERROR password=hunter2-correct postgresql://a:hunter2-correct@db/x")), SCOPE)
    assert read.errors == 1
    assert "hunter2" not in repr(read)
