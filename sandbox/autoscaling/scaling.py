"""Application Auto Scaling: who owns which capacity, and a simple scaler that keeps the table's between its bounds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import ceil
from typing import Any

from .. import names
from ..dynamodb.demand import Direction
from ..dynamodb.user_table import UserTable
from ..wire import AwsError, Fake, Parameters

TARGET_UTILISATION = 0.7
ROLE = (
    f"arn:aws:iam::{names.ACCOUNT}:role/aws-service-role/dynamodb.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_DynamoDBTable"
)
NOT_SUSPENDED = {
    "DynamicScalingInSuspended": False,
    "DynamicScalingOutSuspended": False,
    "ScheduledScalingSuspended": False,
}
Key = tuple[str, str, str]  # namespace, resource, dimension
COUNT = "ecs:service:DesiredCount"


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """One scalable target."""

    minimum: int
    maximum: int
    since: datetime
    suspended: Mapping[str, bool] = field(default_factory=lambda: dict(NOT_SUSPENDED))


class Scaling:
    """Scalable targets by namespace, resource and dimension; `activities` are those of the account."""

    def __init__(self, table: UserTable, activities: list[dict[str, Any]], now: Callable[[], datetime]) -> None:
        self._table = table
        self._activities = activities
        self._now = now
        self.targets: dict[Key, Owned] = {}
        self.scheduled: list[dict[str, Any]] = []
        self.run_at_least: Callable[[str, int, datetime], None] = lambda *_: None

    def fakes(self) -> Mapping[str, Fake]:
        """What moto does not act upon."""
        return {
            "DescribeScalableTargets": self.describe_scalable_targets,
            "RegisterScalableTarget": self.register_scalable_target,
            "DescribeScheduledActions": self.describe_scheduled_actions,
        }

    def own(self, direction: Direction, minimum: int, maximum: int, index: str = "") -> None:
        """The table's capacity has been autoscaled since yesterday."""
        resource = f"table/{names.TABLE}" + (f"/index/{index}" if index else "")
        dimension = f"dynamodb:{'index' if index else 'table'}:{direction.capitalize()}CapacityUnits"
        self.targets["dynamodb", resource, dimension] = Owned(minimum=minimum, maximum=maximum, since=self._now())

    def own_count(self, minimum: int, maximum: int, service: str = names.SERVICE) -> None:
        """A service's count has been autoscaled since yesterday; here it only follows a new minimum."""
        self.targets["ecs", _of_service(service), COUNT] = Owned(minimum=minimum, maximum=maximum, since=self._now())

    def schedule_count(self, name: str, when: str, minimum: int, maximum: int, service: str = names.SERVICE) -> None:
        """A scheduled action on a service's bounds; it is told of and never comes."""
        self.scheduled.append(
            {
                "ScheduledActionName": name,
                "ScheduledActionARN": f"{_arn(('ecs', service, name))}:scheduledActionName/{name}",
                "ServiceNamespace": "ecs",
                "Schedule": when,
                "ResourceId": _of_service(service),
                "ScalableDimension": COUNT,
                "ScalableTargetAction": {"MinCapacity": minimum, "MaxCapacity": maximum},
                "CreationTime": self._now(),
            }
        )

    def describe_scheduled_actions(self, asked: Parameters) -> dict[str, Any]:
        """By namespace and resource."""
        found = [
            s
            for s in self.scheduled
            if s["ServiceNamespace"] == asked["ServiceNamespace"] and asked.get("ResourceId") in (None, s["ResourceId"])
        ]
        return {"ScheduledActions": found}

    def describe_scalable_targets(self, asked: Parameters) -> dict[str, Any]:
        """By namespace, ids and dimension."""
        ids, dimension = asked.get("ResourceIds", ()), asked.get("ScalableDimension")
        found = [
            _shape(key, owned)
            for key, owned in self.targets.items()
            if key[0] == asked["ServiceNamespace"]
            and (not ids or key[1] in ids)
            and (not dimension or key[2] == dimension)
        ]
        return {"ScalableTargets": found}

    def register_scalable_target(self, asked: Parameters) -> dict[str, Any]:
        """Takes ownership, or changes the bounds; the scaler keeps to them from its next look on."""
        key = (asked["ServiceNamespace"], asked["ResourceId"], asked["ScalableDimension"])
        known = self.targets.get(key)
        missing = [n for n in ("MinCapacity", "MaxCapacity") if n not in asked]
        if known is None and missing:
            raise AwsError(
                "ValidationException", "MinCapacity and MaxCapacity must be specified for a new scalable target"
            )
        before = known or Owned(minimum=0, maximum=0, since=self._now())
        after = replace(
            before,
            minimum=asked.get("MinCapacity", before.minimum),
            maximum=asked.get("MaxCapacity", before.maximum),
            suspended={**before.suspended, **asked.get("SuspendedState", {})},
        )
        if after.minimum > after.maximum:
            raise AwsError("ValidationException", "Maximum capacity cannot be less than minimum capacity")
        self.targets[key] = after
        if key[0] == "ecs" and "MinCapacity" in asked:
            self.run_at_least(key[1].rpartition("/")[2], after.minimum, self._now())
        return {"ScalableTargetARN": _arn(key)}

    def look(self, at: datetime) -> None:
        """Once a minute: up where the last second's use asks for it, back into the bounds where someone left them."""
        for key, owned in self.targets.items():
            if key[0] == "dynamodb" and not self._table.busy(at):
                self._keep(key, owned, at)

    def _keep(self, key: Key, owned: Owned, at: datetime) -> None:
        part = key[1].partition("/index/")[2]
        direction: Direction = "read" if ":Read" in key[2] else "write"
        capacity = self._table.capacity.at(at)
        units = capacity.parts[part].of(direction)
        used = self._table.outcome(part, direction, at).served
        wanted = max(owned.minimum, min(owned.maximum, max(ceil(used / TARGET_UTILISATION), min(units, owned.maximum))))
        held = wanted > units and owned.suspended["DynamicScalingOutSuspended"]
        if capacity.on_demand or wanted == units or held:
            return
        changed = capacity.parts[part].with_units(direction, wanted)
        self._table.update(replace(capacity, parts={**capacity.parts, part: changed}), at)
        self._activities.insert(0, _activity(key, units, wanted, at))


def _of_service(name: str) -> str:
    return f"service/{names.CLUSTER}/{name}"


def _arn(key: Key) -> str:
    id = names.hexadecimal("scalable", *key)
    return f"arn:aws:application-autoscaling:{names.REGION}:{names.ACCOUNT}:scalable-target/{id}"


def _shape(key: Key, owned: Owned) -> dict[str, Any]:
    return {
        "ServiceNamespace": key[0],
        "ResourceId": key[1],
        "ScalableDimension": key[2],
        "MinCapacity": owned.minimum,
        "MaxCapacity": owned.maximum,
        "RoleARN": ROLE,
        "CreationTime": owned.since,
        "SuspendedState": dict(owned.suspended),
        "ScalableTargetARN": _arn(key),
    }


def _activity(key: Key, before: int, after: int, at: datetime) -> dict[str, Any]:
    return {
        "ActivityId": names.uuid("scaling", *key, at),
        "ServiceNamespace": key[0],
        "ResourceId": key[1],
        "ScalableDimension": key[2],
        "Description": f"Setting {key[2].rsplit(':', 1)[-1]} to {after}, was {before}.",
        "Cause": "target tracking, or the bounds of the scalable target",
        "StartTime": at,
        "StatusCode": "InProgress",
    }
