"""Service deployments and service revisions: the history that ListServiceDeployments tells of a service."""

import random
from collections.abc import Mapping
from typing import Any

from ministack.core.responses import error_response_json, json_response
from ministack.services import ecs

from . import agenda, images
from .admin import ACCOUNT, REGION
from .patches import patch, silent

LISTED_AT_MOST = 20
ENDED = ("SUCCESSFUL", "STOPPED", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED")
STOPPABLE = ("PENDING", "IN_PROGRESS")
COUNTS = {"requestedTaskCount": 0, "runningTaskCount": 0, "pendingTaskCount": 0}

_releases: dict[str, dict[str, Any]] = {}
_revisions: dict[str, dict[str, Any]] = {}


def begin(service: Mapping[str, Any], deployment: dict[str, Any]) -> None:
    """Writes a new deployment of a service down, with the revision that it targets."""
    for each in of_service(service["serviceArn"]):
        if each["status"] in STOPPABLE:
            end(each, "STOPPED", "A new service deployment was started.")
    revision = _revision(service, deployment)
    arn = _arn("service-deployment", service, f"{random.getrandbits(128):032x}"[:22])
    before = _last_successful(service["serviceArn"])
    _releases[arn] = {
        "serviceDeploymentArn": arn,
        "serviceArn": service["serviceArn"],
        "clusterArn": service["clusterArn"],
        "createdAt": deployment["createdAt"],
        "startedAt": deployment["createdAt"],
        "updatedAt": deployment["createdAt"],
        "status": "IN_PROGRESS",
        "targetServiceRevision": {"arn": revision, **COUNTS},
        "sourceServiceRevisions": [{**before["targetServiceRevision"]}] if before else [],
        "deploymentConfiguration": service["deploymentConfiguration"],
        "_deployment_id": deployment["id"],
    }


def of_deployment(deployment: Mapping[str, Any]) -> dict[str, Any] | None:
    """The entry of one of a service's deployments, or of what it takes back."""
    wanted = deployment.get("_takes_back", deployment["id"])
    return next((r for r in reversed(_releases.values()) if r["_deployment_id"] == wanted), None)


def of_service(arn: str) -> list[dict[str, Any]]:
    """All of a service, oldest first."""
    return [r for r in _releases.values() if r["serviceArn"] == arn]


def end(release: dict[str, Any], status: str, reason: str = "") -> None:
    """A service deployment is over."""
    release.update(status=status, finishedAt=agenda.now(), updatedAt=agenda.now())
    if reason:
        release["statusReason"] = reason


def take_back(release: dict[str, Any], reason: str) -> None:
    """A service deployment is being rolled back."""
    before = release["sourceServiceRevisions"]
    back = {"reason": reason, "startedAt": agenda.now()}
    if before:
        back["serviceRevisionArn"] = before[0]["arn"]
    release.update(status="ROLLBACK_IN_PROGRESS", statusReason=reason, rollback=back, updatedAt=agenda.now())


def definition_before(release: Mapping[str, Any]) -> str:
    """The task definition that was there before, empty where there was none."""
    before = release["sourceServiceRevisions"]
    return str(_revisions[before[0]["arn"]]["taskDefinition"]) if before else ""


def shift(service: str, seconds: float) -> None:
    """Everything that is known of a service happened so much earlier."""
    for release in of_service(service):
        for name in ("createdAt", "startedAt", "updatedAt", "finishedAt"):
            if name in release:
                release[name] -= seconds
        _revisions[release["targetServiceRevision"]["arn"]]["createdAt"] -= seconds


def _last_successful(service: str) -> dict[str, Any] | None:
    return next((r for r in reversed(of_service(service)) if r["status"] == "SUCCESSFUL"), None)


def _arn(kind: str, service: Mapping[str, Any], name: str) -> str:
    place = service["serviceArn"].split(":service/", 1)[1]
    return f"arn:aws:ecs:{REGION}:{ACCOUNT}:{kind}/{place}/{name}"


def _revision(service: Mapping[str, Any], deployment: Mapping[str, Any]) -> str:
    arn = _arn("service-revision", service, str(random.randrange(10**18, 10**19)))  # noqa: S311
    definition = ecs._task_defs[ecs._resolve_td_key(deployment["taskDefinition"])]
    _revisions[arn] = {
        "serviceRevisionArn": arn,
        "serviceArn": service["serviceArn"],
        "clusterArn": service["clusterArn"],
        "taskDefinition": deployment["taskDefinition"],
        "launchType": service.get("launchType"),
        "platformVersion": "1.4.0",
        "platformFamily": "Linux",
        "loadBalancers": service.get("loadBalancers") or [],
        "networkConfiguration": service.get("networkConfiguration") or {},
        "containerImages": [
            {"containerName": c["name"], "image": c["image"], "imageDigest": images.digest(c["image"])}
            for c in definition["containerDefinitions"]
        ],
        "guardDutyEnabled": False,
        "createdAt": deployment["createdAt"],
    }
    return arn


# -- what ECS's own API lacks ------------------------------------------------------------------------------------------

ECS = "ministack.services.ecs"


@patch(
    of=f"{ECS}._ACTION_MAP",
    at=("ListServiceDeployments",),
    lacks="knows no service deployments",
    still=silent(f"{ECS}._list_service_deployments", "_services"),
)
def list_service_deployments(_original: Any) -> Any:
    """Newest first, filtered by status; the service must exist."""

    def answer(data: dict[str, Any]) -> Any:
        with agenda.LOCK:
            agenda.catch_up()
            service = _asked_service(data)
            if service is None:
                return error_response_json("ServiceNotFoundException", "Service not found.", 400)
            wanted = data.get("status") or ()
            found = [r for r in reversed(of_service(service["serviceArn"])) if not wanted or r["status"] in wanted]
            start = int(data.get("nextToken") or 0)
            stop = start + int(data.get("maxResults") or LISTED_AT_MOST)
            response: dict[str, Any] = {"serviceDeployments": [_brief(r) for r in found[start:stop]]}
            if stop < len(found):
                response["nextToken"] = str(stop)
            return json_response(response)

    return answer


def _asked_service(data: Mapping[str, Any]) -> Mapping[str, Any] | None:
    named = ecs._resolve_service_ref(data.get("service", "")) or ("", None)
    cluster = ecs._resolve_cluster_name(data.get("cluster") or named[1] or "default")
    found: Mapping[str, Any] | None = ecs._services.get(f"{cluster}/{named[0]}")
    return found


def _brief(release: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("serviceDeploymentArn", "serviceArn", "clusterArn", "createdAt", "startedAt", "finishedAt", "status")
    values = {k: release[k] for k in (*kept, "statusReason") if k in release}
    return {**values, "targetServiceRevisionArn": release["targetServiceRevision"]["arn"]}


@patch(
    of=f"{ECS}._ACTION_MAP",
    at=("DescribeServiceDeployments",),
    lacks="describes no service deployment",
    still=silent(f"{ECS}._describe_service_deployments", "failures"),
)
def describe_service_deployments(_original: Any) -> Any:
    """Each with its revisions, and its rollback."""
    return lambda data: _described(data, "serviceDeploymentArns", "serviceDeployments", _releases)


@patch(
    of=f"{ECS}._ACTION_MAP",
    at=("DescribeServiceRevisions",),
    lacks="describes no service revision",
    still=silent(f"{ECS}._describe_service_revisions", "failures"),
)
def describe_service_revisions(_original: Any) -> Any:
    """Each with its task definition and the digests that its images resolved to."""
    return lambda data: _described(data, "serviceRevisionArns", "serviceRevisions", _revisions)


def _described(data: Mapping[str, Any], asked: str, text: str, known: Mapping[str, Any]) -> Any:
    with agenda.LOCK:
        agenda.catch_up()
        arns = data.get(asked) or []
        found = [ecs._sanitize(known[arn]) for arn in arns if arn in known]
        missing = [{"arn": arn, "reason": "MISSING"} for arn in arns if arn not in known]
        return json_response({text: found, "failures": missing})


@patch(
    of=f"{ECS}._dispatch_action",
    lacks="has no StopServiceDeployment",
    still=lambda: "StopServiceDeployment" not in ecs._ACTION_MAP,
)
def stop_service_deployment(original: Any) -> Any:
    """Rolls back what is in progress, or lets it be where it is (ABORT)."""

    def dispatch(action: str, data: dict[str, Any]) -> Any:
        if action != "StopServiceDeployment":
            return original(action, data)
        with agenda.LOCK:
            agenda.catch_up()
            return _stop(data)

    return dispatch


def _stop(data: Mapping[str, Any]) -> Any:
    from . import fleet

    arn = data.get("serviceDeploymentArn", "")
    release = _releases.get(arn)
    if release is None:
        return error_response_json("ServiceDeploymentNotFoundException", "The service deploy ARN was not found.", 400)
    if release["status"] not in STOPPABLE:
        said = f"Service deployment cannot be stopped because its status is {release['status']}."
        return error_response_json("ConflictException", said, 400)
    if data.get("stopType", "ROLLBACK") == "ABORT":
        end(release, "STOPPED", "The service deployment was stopped by a user.")
    elif not definition_before(release):
        said = "There is no service revision to roll back to."
        return error_response_json("InvalidParameterException", said, 400)
    else:
        release.update(status="STOP_REQUESTED", stoppedAt=agenda.now(), updatedAt=agenda.now())
        fleet.roll_back(release, "Service deployment rolled back because of a StopServiceDeployment request.")
    return json_response({"serviceDeploymentArn": arn})
