"""Events of ECS: resource, level, key and facts of each, and what is no incident."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from remediator.core.errors import EventNotUnderstood
from remediator.core.model import Ignored, Resource, Signal
from remediator.core.serialization import from_json
from remediator.events import parse
from remediator.resources.ecs.model import ContainerEnd, TaskStop
from remediator.resources.ecs.stop_codes import task_stop

from ..corpus import event
from ..samples import SERVICE, SERVICE_ARN

OUT_OF_MEMORY = "own_ecs_task_service_out_of_memory.json"
TASK = "arn:aws:ecs:ap-northeast-1:123456789012:task/portfolio-cluster/0c1a5f7c2f4e4f1d9d3f4f6e8f2b7a11"


def stopped(**changes: Any) -> dict[str, Any]:
    """The out-of-memory stop with other members of `detail`; None drops one."""
    raw = event(OUT_OF_MEMORY)
    raw["detail"] = {k: v for k, v in {**raw["detail"], **changes}.items() if v is not None}
    return raw


def signal_of(raw: dict[str, Any]) -> Signal:
    (signal,) = parse(raw)
    assert isinstance(signal, Signal)
    return signal


def reason_of(raw: dict[str, Any]) -> str:
    (ignored,) = parse(raw)
    assert isinstance(ignored, Ignored)
    return ignored.reason


def test_a_stopped_task_of_a_service_names_the_service_and_all_that_the_event_says() -> None:
    signal = signal_of(event(OUT_OF_MEMORY))
    assert signal.resource == SERVICE
    assert signal.level == "high"
    assert signal.at == "2026-11-23T03:14:31.275Z"
    assert signal.key == f"{TASK}@2026-11-23T03:14:31.275Z"
    assert signal.facts["meaning"] == "out_of_memory"
    assert signal.facts["cluster"] == "portfolio-cluster"
    assert from_json(TaskStop, signal.facts) == TaskStop(
        task_arn=TASK,
        task_definition="arn:aws:ecs:ap-northeast-1:123456789012:task-definition/portfolio-api:42",
        group="service:portfolio-api-service",
        stop_code="EssentialContainerExited",
        reason="Essential container in task exited",
        started_by="ecs-svc/4108473652909871234",
        created_at="2026-11-23T03:02:00.101Z",
        started_at="2026-11-23T03:02:24.318Z",
        stopping_at="2026-11-23T03:14:07.902Z",
        stopped_at="2026-11-23T03:14:31.275Z",
        launch_type="FARGATE",
        containers=(
            ContainerEnd(
                name="portfolio-api", exit_code=137, reason="OutOfMemoryError: Container killed due to memory usage"
            ),
        ),
    )


def test_a_one_off_task_names_its_family_and_cluster_at_low_level() -> None:
    signal = signal_of(event("ecs_task_two_containers_exit1_137.json"))
    arn = "arn:aws:ecs:us-east-2:100000000000:task-definition/aw-etl/aw-test-test-test"
    assert signal.resource == Resource("ecs_task_family", arn)
    assert signal.resource.cluster == "aw-etl"
    assert signal.level == "low"


def test_a_task_without_group_is_known_by_its_family() -> None:
    assert signal_of(stopped(group=None)).resource.path == "task-definition/portfolio-cluster/portfolio-api"


def test_an_event_without_task_definition_still_names_the_family() -> None:
    signal = signal_of(event("ecs_task_defra_task_stop_missing_secret.json"))
    assert signal.resource.path == "task-definition/perf-test-ecs-public/forms-perf-test"


@pytest.mark.parametrize("partition", ["aws-cn", "aws-us-gov"])
def test_the_partition_is_the_events_own(partition: str) -> None:
    raw = stopped(clusterArn=f"arn:{partition}:ecs:xx-north-1:123456789012:cluster/portfolio-cluster")
    assert signal_of(raw).resource.arn.startswith(f"arn:{partition}:ecs:xx-north-1:123456789012:service/")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"lastStatus": "DEPROVISIONING"}, "DEPROVISIONING"),
        ({"stopCode": "UserInitiated", "stoppedReason": "Task stopped by user"}, "somebody stopped it"),
        ({"stopCode": "SpotInterruption", "stoppedReason": "Your Spot Task was interrupted."}, "Spot"),
        (
            {"stopCode": "ServiceSchedulerInitiated", "stoppedReason": "Scaling activity initiated by (deployment x)"},
            "scaled in or was deployed",
        ),
        (
            {
                "stopCode": "InfrastructureHealth",
                "stoppedReason": "ECS is performing maintenance on the underlying infrastructure hosting the task.",
            },
            "AWS retired or maintained",
        ),
    ],
)
def test_a_normal_end_is_ignored_in_words(changes: dict[str, str], said: str) -> None:
    assert said in reason_of(stopped(**changes))


def test_without_a_stop_time_the_events_version_makes_the_key() -> None:
    signal = signal_of(stopped(stoppedAt=None))
    assert signal.key == f"{TASK}@6"
    assert signal.at == "2026-11-23T03:14:31.275Z"  # updatedAt


def test_without_stop_time_and_version_the_time_of_the_update_makes_the_key() -> None:
    assert signal_of(stopped(stoppedAt=None, version=None)).key == f"{TASK}@2026-11-23T03:14:31.275Z"


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"clusterArn": None}, "detail.clusterArn is missing"),
        ({"lastStatus": None}, "detail.lastStatus is missing"),
        ({"taskArn": None, "containers": None}, "detail.taskArn is missing"),
        ({"taskDefinitionArn": None, "group": None}, "detail.taskDefinitionArn is missing"),
        ({"stoppedAt": "soon"}, "detail.stoppedAt is no time"),
        ({"stoppedAt": "0001-01-01T00:00:00+23:00"}, "detail.stoppedAt is no time"),
        ({"clusterArn": "arn:aws:ecs:ap-northeast-1:12345:cluster/x"}, "detail.clusterArn is no ARN of ecs"),
        ({"clusterArn": "arn:aws:ecs:eu-west-1:123456789012:cluster/a/b"}, "detail.clusterArn names no cluster"),
        ({"group": "service:a/../b"}, "detail.group names no service"),
        ({"containers": "none"}, "detail.containers is no list"),
        ({"containers": ["none"]}, r"detail.containers\[0\] is no object"),
        ({"containers": [{"name": "app", "exitCode": "137"}]}, r"detail.containers\[0\].exitCode is no whole number"),
        ({"containers": [{"name": "app", "exitCode": True}]}, r"detail.containers\[0\].exitCode is no whole number"),
    ],
)
def test_what_is_missing_or_wrong_is_named(changes: dict[str, Any], missing: str) -> None:
    with pytest.raises(EventNotUnderstood, match=missing):
        parse(stopped(**changes))


def test_text_from_outside_is_bounded_and_loses_its_controls() -> None:
    hostile = "Essential container in task exited\x1b[2J\r\n\u202ereversed\ud800" + "x" * 5000
    many = [{"name": f"c{n}\x00", "exitCode": 1, "reason": hostile} for n in range(50)]
    stop = from_json(TaskStop, signal_of(stopped(stoppedReason=hostile, containers=many)).facts)
    assert len(stop.containers) == 20
    assert stop.containers[0].name == "c0"
    for text in (stop.reason, stop.containers[0].reason):
        assert text.startswith("Essential container in task exited  reversedxxx")
        assert len(text) == 1000
        assert text.endswith("…")


def test_an_item_of_describe_tasks_reads_as_the_event_does() -> None:
    detail = event(OUT_OF_MEMORY)["detail"]
    tokyo = timezone(timedelta(hours=9))
    item = {
        **detail,
        "startedAt": datetime(2026, 11, 23, 12, 2, 24, 318000, tzinfo=tokyo),
        "stoppingAt": datetime(2026, 11, 23, 3, 14, 7, 902000, tzinfo=UTC),
        "stoppedAt": datetime(2026, 11, 23, 3, 14, 31, 275000, tzinfo=UTC),
    }
    assert task_stop(item) == task_stop(detail)


def test_a_task_that_never_started_has_no_exit_code_and_no_start() -> None:
    stop = task_stop(event("ecs_task_defra_task_stop_missing_secret.json")["detail"] | {"startedAt": None})
    assert stop.started_at == ""
    assert {c.exit_code for c in stop.containers} == {None}
    assert stop.task_id == "16a4e00ec95344cc91fdc6e20cb88896"  # named by its containers only


def test_a_spot_notice_without_most_members_reads_too() -> None:
    stop = task_stop(event("ecs_task_spot_notice.json")["detail"])
    assert (stop.stop_code, stop.group, stop.containers) == ("SpotInterruption", "", ())


def test_a_failed_placement_is_a_high_signal_of_its_service() -> None:
    signal = signal_of(event("ecs_service_task_placement_failure_awsdoc.json"))
    assert signal.kind == "ecs_service_action"
    assert signal.resource.arn == "arn:aws:ecs:us-west-2:111122223333:service/default/servicetest"
    assert signal.level == "high"
    assert signal.facts == {
        "eventName": "SERVICE_TASK_PLACEMENT_FAILURE",
        "reason": "RESOURCE:FARGATE",
        "cluster": "default",
    }


def test_a_warning_that_leaves_the_service_up_is_medium() -> None:
    raw = event("ecs_service_task_start_impaired_real.json")
    assert signal_of(raw).level == "high"
    raw["detail"]["eventName"] = "SERVICE_DISCOVERY_INSTANCE_UNHEALTHY"
    assert signal_of(raw).level == "medium"


def test_an_old_service_arn_takes_its_cluster_from_the_event() -> None:
    raw = event("own_ecs_deployment_failed.json")
    raw["resources"] = ["arn:aws:ecs:ap-northeast-1:123456789012:service/portfolio-api-service"]
    assert signal_of(raw).resource.arn == SERVICE_ARN
    del raw["detail"]["clusterArn"]
    with pytest.raises(EventNotUnderstood, match=r"detail\.clusterArn is missing"):
        parse(raw)


def test_a_failed_deployment_is_known_by_its_id() -> None:
    signal = signal_of(event("own_ecs_deployment_failed.json"))
    assert signal.resource == SERVICE
    assert signal.key == "ecs-svc/4108473652909871234@SERVICE_DEPLOYMENT_FAILED@2026-11-23T03:41:08.377Z"
    assert signal.facts["deployment"] == "ecs-svc/4108473652909871234"
    assert signal.facts["reason"] == "ECS deployment circuit breaker: tasks failed to start."


def test_an_event_type_that_ecs_does_not_document_is_not_overlooked() -> None:
    raw = event("ecs_service_task_start_impaired_real.json")
    raw["detail"]["eventType"] = "FATAL"
    with pytest.raises(EventNotUnderstood, match="eventType is none of INFO, WARN and ERROR"):
        parse(raw)


def test_a_service_action_that_names_no_service_is_not_understood() -> None:
    raw = event("own_ecs_deployment_failed.json")
    for resources in ([], ["arn:aws:ecs:ap-northeast-1:123456789012:service/a/b/c"]):
        raw["resources"] = resources
        with pytest.raises(EventNotUnderstood, match="resources"):
            parse(raw)
