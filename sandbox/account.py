"""The rest of the account that moto lacks: roles for a session, images, stacks, scaling activities, trails."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

from .cloudtrail.trail import as_item, looked_up, record
from .names import ACCOUNT, CLUSTER, FIX_ROLE_PREFIX, TABLE, hexadecimal
from .wire import AwsError, Fake, Parameters, Request

SCALING_S = 60


@dataclass(frozen=True, slots=True)
class Session:
    """Temporary credentials: the role, its session's name and the session policy."""

    role: str
    name: str
    policy: Mapping[str, Any] | None

    def allows(self, action: str) -> bool:
        """Whether the session policy allows the action; resources are not looked at."""
        statements = self.policy["Statement"] if self.policy else ()
        listed = (a for s in statements if s["Effect"] == "Allow" for a in _listed(s["Action"]))
        return self.policy is None or any(fnmatchcase(action.lower(), a.lower()) for a in listed)


@dataclass(slots=True)
class Account:
    """What else is there, as plain values that a scenario may change."""

    now: Callable[[], datetime]
    roles: set[str] = field(default_factory=set)
    sessions: dict[str, Session] = field(default_factory=dict)
    images: set[str] = field(default_factory=set)  # digests that the registry still has
    tags: dict[str, str] = field(default_factory=dict)  # what each tag names now
    stacks: dict[str, str] = field(default_factory=dict)  # physical id -> stack name
    scaling_activities: list[dict[str, Any]] = field(default_factory=list)
    trail: list[dict[str, Any]] = field(default_factory=list)  # as LookupEvents gives them: see trail.py
    trail_late_s: float = 0  # how late CloudTrail is; AWS: five minutes on average

    def tell_count(self, service: str, count: int, who: str) -> None:
        """CloudTrail's event of an UpdateService by `who`, `role/session`; there at once."""
        at = self.now()
        asked = {"cluster": CLUSTER, "service": service, "desiredCount": count}
        self.trail.append(as_item(record("ecs", "UpdateService", who, at, asked), at))

    def fakes(self) -> Mapping[tuple[str, str], Fake]:
        """Operations by service and name."""
        return {
            ("sts", "AssumeRole"): self.assume_role,
            ("ecr", "DescribeImages"): self.describe_images,
            ("ecr", "BatchGetImage"): self.batch_get_image,
            ("cloudformation", "DescribeStackResources"): self.describe_stack_resources,
            ("application-autoscaling", "DescribeScalingActivities"): self.describe_scaling_activities,
            ("cloudtrail", "LookupEvents"): self.lookup_events,
        }

    def assume_role(self, asked: Parameters) -> dict[str, Any]:
        """Credentials whose session policy the sandbox holds requests to."""
        role, name = asked["RoleArn"], asked["RoleSessionName"]
        if role not in self.roles:
            denied = f"User is not authorized to perform: sts:AssumeRole on resource: {role}"
            raise AwsError("AccessDenied", denied, 403)
        policy = json.loads(asked["Policy"]) if "Policy" in asked else None
        key = f"ASIA{hexadecimal('session', role, name, len(self.sessions), length=16).upper()}"
        self.sessions[key] = Session(role, name, policy)
        assumed = f"arn:aws:sts::{ACCOUNT}:assumed-role/{role.rsplit('/', 1)[-1]}/{name}"
        return {
            "Credentials": {
                "AccessKeyId": key,
                "SecretAccessKey": hexadecimal("secret", key, length=40),
                "SessionToken": hexadecimal("token", key, length=60),
                "Expiration": self.now() + timedelta(seconds=asked.get("DurationSeconds", 3600)),
            },
            "AssumedRoleUser": {"AssumedRoleId": f"AROA{key[4:]}:{name}", "Arn": assumed},
        }

    def refusal(self, request: Request) -> AwsError | None:
        """Why a session may not make the request, None where it may."""
        session = self.sessions.get(request.access_key)
        if session is None or session.allows(request.action):
            return None
        return denied(request.action, session.role)

    def describe_images(self, asked: Parameters) -> dict[str, Any]:
        """Images by digest or tag; what is gone is ImageNotFoundException."""
        wanted = [i.get("imageDigest") or self.tags.get(i["imageTag"], "") for i in asked.get("imageIds", ())]
        found = [digest for digest in wanted if digest in self.images]
        if asked.get("imageIds") and len(found) < len(asked["imageIds"]):
            named = ", ".join(str(i.get("imageDigest", i.get("imageTag"))) for i in asked["imageIds"])
            raise AwsError("ImageNotFoundException", f"The image with imageId {named} does not exist.")
        details = [{"registryId": ACCOUNT, "repositoryName": asked["repositoryName"], "imageDigest": d} for d in found]
        return {"imageDetails": details}

    def batch_get_image(self, asked: Parameters) -> dict[str, Any]:
        """Images by digest; what is gone is a failure."""
        known = [i for i in asked["imageIds"] if i.get("imageDigest") in self.images]
        gone = [i for i in asked["imageIds"] if i not in known]
        failures = [{"imageId": i, "failureCode": "ImageNotFound", "failureReason": "not found"} for i in gone]
        return {"images": [{"imageId": i} for i in known], "failures": failures}

    def describe_stack_resources(self, asked: Parameters) -> dict[str, Any]:
        """The stack of a physical id."""
        physical = asked.get("PhysicalResourceId", "")
        if physical not in self.stacks:
            raise AwsError("ValidationError", f"Stack for {physical} does not exist")
        stack, is_table = self.stacks[physical], physical == TABLE
        values = {
            "StackName": stack,
            "StackId": f"arn:aws:cloudformation:ap-northeast-1:{ACCOUNT}:stack/{stack}/{hexadecimal('stack', stack)}",
            "LogicalResourceId": "Users" if is_table else "Service",
            "PhysicalResourceId": physical,
            "ResourceType": "AWS::DynamoDB::Table" if is_table else "AWS::ECS::Service",
            "Timestamp": self.now() - timedelta(days=20),
            "ResourceStatus": "UPDATE_COMPLETE",
        }
        return {"StackResources": [values]}

    def describe_scaling_activities(self, asked: Parameters) -> dict[str, Any]:
        """Activities of a resource; one that began a minute ago is over."""
        wanted = asked.get("ResourceId")
        found = [a for a in self.scaling_activities if a["ResourceId"] == wanted or not wanted]
        return {"ScalingActivities": [self._as_of_now(a) for a in found]}

    def _as_of_now(self, activity: dict[str, Any]) -> dict[str, Any]:
        ended = activity.get("StartTime", self.now()) + timedelta(seconds=SCALING_S)
        return activity if self.now() < ended else {**activity, "StatusCode": "Successful", "EndTime": ended}

    def lookup_events(self, asked: Parameters) -> dict[str, Any]:
        """A page of the trail's events that were asked for and have arrived."""
        arrived = self.now() - timedelta(seconds=self.trail_late_s)
        return looked_up([e for e in self.trail if e["EventTime"] <= arrived], asked)


def denied(action: str, who: str) -> AwsError:
    """What AWS says where IAM does not allow an action."""
    words = f"User: {who} is not authorized to perform: {action} because no identity-based policy allows the action"
    return AwsError("AccessDeniedException", words)


def fix_role(runbook: str) -> str:
    """ARN of a runbook's fix role."""
    return f"{FIX_ROLE_PREFIX}{runbook.replace('_', '-')}"


def _listed(value: Any) -> Iterable[str]:
    return [value] if isinstance(value, str) else value
