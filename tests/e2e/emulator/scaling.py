"""Application Auto Scaling, which ministack has not: scalable targets, policies, activities, and what it does each minute."""

import json
import re
import uuid
from collections.abc import Mapping
from math import ceil
from typing import Any

from ministack.core.responses import error_response_json, json_response
from ministack.services import dynamodb, ecs

from . import agenda, demand
from .admin import ACCOUNT, REGION, act
from .patches import patch

SERVICE = "application-autoscaling"
PREFIX = "AnyScaleFrontendService"
TARGET_PCT = 70.0
PAGE = 50
DIMENSIONS = {
    "dynamodb:table:ReadCapacityUnits": "Read",
    "dynamodb:table:WriteCapacityUnits": "Write",
    "dynamodb:index:ReadCapacityUnits": "Read",
    "dynamodb:index:WriteCapacityUnits": "Write",
}
OF_TABLES = re.compile(r"table/([^/]+)(?:/index/([^/]+))?$")
_MEMBERS = ("ServiceNamespace", "ResourceId", "ScalableDimension")
Key = tuple[str, str, str]

_targets: dict[Key, dict[str, Any]] = {}
_policies: dict[tuple[Key, str], dict[str, Any]] = {}
_activities: list[dict[str, Any]] = []


@patch(
    of="ministack.app.SERVICE_HANDLERS",
    lacks="has no Application Auto Scaling",
    still=lambda: not _has_it("ministack.app", "SERVICE_HANDLERS"),
)
def serve(original: dict[str, Any]) -> dict[str, Any]:
    """The service is there, behind the same IAM check as every other."""
    original[SERVICE] = _handle
    return original


@patch(
    of="ministack.core.router.SERVICE_PATTERNS",
    lacks="does not find Application Auto Scaling",
    still=lambda: not _has_it("ministack.core.router", "SERVICE_PATTERNS"),
)
def route(original: dict[str, Any]) -> dict[str, Any]:
    """Requests are found by their target and by their credential scope."""
    original[SERVICE] = {
        "target_prefixes": [PREFIX],
        "host_patterns": [r"application-autoscaling\."],
        "credential_scope": SERVICE,
    }
    return original


@patch(
    of="ministack.core.iam_actions.extract_resource_arn",
    lacks="does not know the ARN of the scalable target that a request is about",
    still=lambda: not _has_it("ministack.app", "SERVICE_HANDLERS"),
)
def name_the_target(original: Any) -> Any:
    """A change of a scalable target that is there is checked against its own ARN."""

    def extract(service: str, method: str, path: str, headers: Any, body: bytes, *rest: Any) -> Any:
        if service == SERVICE and not headers.get("x-amz-target", "").rsplit(".", 1)[-1].startswith("Describe"):
            asked = json.loads(body or b"{}")
            there = _targets.get(_key(asked)) if all(asked.get(m) for m in _MEMBERS) else None
            if there is not None:
                return there["ScalableTargetARN"]
        return original(service, method, path, headers, body, *rest)

    return extract


def _has_it(module: str, table: str) -> bool:
    from importlib import import_module

    return SERVICE in getattr(import_module(module), table)


async def _handle(_method: str, _path: str, headers: Any, body: bytes, _query: Any) -> Any:
    action = headers.get("x-amz-target", "").rsplit(".", 1)[-1]
    if action not in _ACTIONS:
        return error_response_json("UnknownOperationException", f"Unknown operation: {action}", 400)
    with agenda.LOCK:
        agenda.catch_up()
        return _ACTIONS[action](json.loads(body or b"{}"))


def _key(asked: Mapping[str, Any]) -> Key:
    return asked["ServiceNamespace"], asked["ResourceId"], asked["ScalableDimension"]


def _register(asked: dict[str, Any]) -> Any:
    """New, or changed where it is there: what is not given stays."""
    key = _key(asked)
    there = _targets.get(key)
    if there is None and not {"MinCapacity", "MaxCapacity"} <= asked.keys():
        said = "MinCapacity and MaxCapacity are required for a new scalable target"
        return error_response_json("ValidationException", said, 400)
    role = key[0].capitalize() if key[0] != "ecs" else "ECSService"
    target = there or {
        "ServiceNamespace": key[0],
        "ResourceId": key[1],
        "ScalableDimension": key[2],
        "RoleARN": f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/AWSServiceRoleForApplicationAutoScaling_{role}",
        "CreationTime": agenda.now(),
        "SuspendedState": dict.fromkeys(_SUSPENDED, False),
        "ScalableTargetARN": f"arn:aws:application-autoscaling:{REGION}:{ACCOUNT}:scalable-target/{uuid.uuid4().hex[:24]}",
    }
    bounds = {k: int(asked.get(k, target.get(k, 0))) for k in ("MinCapacity", "MaxCapacity")}
    if bounds["MinCapacity"] > bounds["MaxCapacity"]:
        said = "Maximum capacity cannot be less than minimum capacity"
        return error_response_json("ValidationException", said, 400)
    target.update(bounds)
    target["SuspendedState"].update(asked.get("SuspendedState") or {})
    _targets[key] = target
    return json_response({"ScalableTargetARN": target["ScalableTargetARN"]})


_SUSPENDED = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")


def _deregister(asked: dict[str, Any]) -> Any:
    if _targets.pop(_key(asked), None) is None:
        said = f"No scalable target found for service namespace: {asked['ServiceNamespace']}"
        return error_response_json("ObjectNotFoundException", said, 400)
    return json_response({})


def _describe_targets(asked: dict[str, Any]) -> Any:
    wanted = asked.get("ResourceIds") or ()
    found = [t for t in _of(asked, _targets.values()) if not wanted or t["ResourceId"] in wanted]
    return _page("ScalableTargets", found, asked)


def _put_policy(asked: dict[str, Any]) -> Any:
    key = _key(asked)
    if key not in _targets:
        said = f"No scalable target registered for service namespace: {key[0]}, resource ID: {key[1]}"
        return error_response_json("ObjectNotFoundException", said, 400)
    name = asked["PolicyName"]
    place = f"scalingPolicy:{uuid.uuid4()}:resource/{key[0]}/{key[1]}:policyName/{name}"
    there = _policies.get((key, name)) or {
        "PolicyARN": f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:{place}",
        "CreationTime": agenda.now(),
        "Alarms": [],
    }
    _policies[key, name] = {**there, **asked}
    return json_response({"PolicyARN": there["PolicyARN"], "Alarms": []})


def _describe_policies(asked: dict[str, Any]) -> Any:
    named = asked.get("PolicyNames") or ()
    found = [p for p in _of(asked, _policies.values()) if not named or p["PolicyName"] in named]
    return _page("ScalingPolicies", found, asked)


def _describe_activities(asked: dict[str, Any]) -> Any:
    return _page("ScalingActivities", list(reversed(_of(asked, _activities))), asked)


def _of(asked: Mapping[str, Any], known: Any) -> list[dict[str, Any]]:
    members = [m for m in _MEMBERS if asked.get(m)]
    return [each for each in known if all(each[m] == asked[m] for m in members)]


def _page(name: str, found: list[dict[str, Any]], asked: Mapping[str, Any]) -> Any:
    start = int(asked.get("NextToken") or 0)
    stop = start + int(asked.get("MaxResults") or PAGE)
    more = {"NextToken": str(stop)} if stop < len(found) else {}
    return json_response({name: found[start:stop], **more})


_ACTIONS = {
    "RegisterScalableTarget": _register,
    "DeregisterScalableTarget": _deregister,
    "DescribeScalableTargets": _describe_targets,
    "PutScalingPolicy": _put_policy,
    "DescribeScalingPolicies": _describe_policies,
    "DescribeScalingActivities": _describe_activities,
}


# -- what it does ------------------------------------------------------------------------------------------------------


@act("own")
def own(
    resource: str, dimension: str, minimum: int, maximum: int, held: bool = False, service: str = "dynamodb"
) -> dict[str, Any]:
    """Application Auto Scaling owns a capacity from now on and keeps it used to 70 %; as its API does, in one call."""
    asked = {"ServiceNamespace": service, "ResourceId": resource, "ScalableDimension": dimension}
    suspended = {"SuspendedState": {"DynamicScalingOutSuspended": held}}
    answers = [_register({**asked, "MinCapacity": minimum, "MaxCapacity": maximum, **suspended})]
    target_tracking = {"TargetTrackingScalingPolicyConfiguration": {"TargetValue": TARGET_PCT}}
    answers.append(
        _put_policy({**asked, "PolicyName": "keep-it-used", "PolicyType": "TargetTrackingScaling", **target_tracking})
    )
    if refused := [a[2].decode() for a in answers if a[0] != 200]:
        raise ValueError("; ".join(refused))
    return json.loads(answers[0][2])


@agenda.each_minute(5)
def scale_all() -> None:
    """Every scalable target is moved to what its policy and bounds want, one step a minute."""
    for key, target in list(_targets.items()):
        if key[0] == "dynamodb":
            _scale_table(key, target)
        elif key[0] == "ecs":
            _scale_service(key, target)


def _scale_table(key: Key, target: Mapping[str, Any]) -> None:
    found, direction = OF_TABLES.match(key[1]), DIMENSIONS.get(key[2])
    table = dynamodb._tables.get(found[1]) if found else None
    if found is None or direction is None or table is None or table["TableStatus"] != "ACTIVE":
        return
    index = found[2] or ""
    unit = f"{direction}CapacityUnits"
    now = int(demand.part_of(table, index)["ProvisionedThroughput"][unit])
    wanted = min(max(_wanted(key, found[1], index, now), target["MinCapacity"]), target["MaxCapacity"])
    if wanted > now and target["SuspendedState"]["DynamicScalingOutSuspended"]:
        return
    if wanted != now:
        _set_capacity(table, index, unit, wanted)
        what = f"{direction.lower()} capacity units to {wanted}"
        _write_down(key, f"Setting {what}.", f"Successfully set {what}. Change successfully fulfilled by dynamodb.")


def _wanted(key: Key, table: str, index: str, now: int) -> int:
    """With a policy as much as keeps it used to the target; it goes down only where it is above the maximum."""
    policy = next((p for (k, _), p in _policies.items() if k == key), None)
    if policy is None:
        return now
    config = policy.get("TargetTrackingScalingPolicyConfiguration") or {}
    asked = demand.asked_per_s(table, index, DIMENSIONS[key[2]])
    return max(now, ceil(100 * asked / float(config.get("TargetValue") or TARGET_PCT)))


def _set_capacity(table: Mapping[str, Any], index: str, unit: str, wanted: int) -> None:
    now = demand.part_of(table, index)["ProvisionedThroughput"]
    throughput = {u: int(now[u]) for u in ("ReadCapacityUnits", "WriteCapacityUnits")} | {unit: wanted}
    asked = {"ProvisionedThroughput": throughput}
    if index:
        asked = {"GlobalSecondaryIndexUpdates": [{"Update": {"IndexName": index, **asked}}]}  # type: ignore[dict-item]
    dynamodb._update_table({"TableName": table["TableName"], **asked})


def _scale_service(key: Key, target: Mapping[str, Any]) -> None:
    """The count is kept within its bounds; no metric moves it."""
    _, cluster, name = key[1].split("/")
    service = ecs._services.get(f"{cluster}/{name}")
    if service is None:
        return
    wanted = min(max(service["desiredCount"], target["MinCapacity"]), target["MaxCapacity"])
    if wanted != service["desiredCount"]:
        ecs._update_service({"cluster": cluster, "service": name, "desiredCount": wanted})
        said = f"Successfully set desired count to {wanted}. Change successfully fulfilled by ecs."
        _write_down(key, f"Setting desired count to {wanted}.", said)


def _write_down(key: Key, what: str, said: str) -> None:
    _activities.append(
        {
            "ActivityId": str(uuid.uuid4()),
            "ServiceNamespace": key[0],
            "ResourceId": key[1],
            "ScalableDimension": key[2],
            "Description": what,
            "Cause": f"monitor alarm TargetTracking-{key[1]}-AlarmHigh in state ALARM triggered policy keep-it-used",
            "StartTime": agenda.now(),
            "EndTime": agenda.now(),
            "StatusCode": "Successful",
            "StatusMessage": said,
        }
    )
