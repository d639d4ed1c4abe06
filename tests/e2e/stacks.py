"""A small deployer: templates through the bucket that a bootstrap makes, a stack, its outputs, its end."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from botocore.exceptions import ClientError

from remediator.core.serialization import Json

from .emulator_process import ACCOUNT, REGION, Emulator
from .process_group import EmulatorError

ASSETS = f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}"
BOOTSTRAP_VERSION = ("/cdk-bootstrap/hnb659fds/version", "30")
CAPABILITIES = ("CAPABILITY_IAM", "CAPABILITY_NAMED_IAM")
DONE_WITHIN_S = 60
Change = Callable[[Json], Json]


class DeploymentError(EmulatorError):
    """A stack that was not made or not removed: which resources failed and why, and what the emulator logged of it."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """A stack that stands.

    Attributes:
        resources: physical ids by logical ids.
        took_s: how long its creation took.
    """

    emulator: Emulator
    name: str
    outputs: Mapping[str, str]
    resources: Mapping[str, str] = field(repr=False)
    took_s: float

    def physical(self, logical: str) -> str:
        """Physical id of the one resource whose logical id begins so: `FunctionsRemediate1`, `InboxIntake`.

        Raises:
            DeploymentError: there is none, or more than one.
        """
        found = [p for name, p in self.resources.items() if name.startswith(logical)]
        if len(found) != 1:
            raise DeploymentError(f"{self.name}: {len(found)} resources begin with {logical}")
        return found[0]

    def destroy(self) -> None:
        """Removes the stack.

        Raises:
            DeploymentError: it still stands.
        """
        client = self.emulator.client("cloudformation")
        stack = client.describe_stacks(StackName=self.name)["Stacks"][0]["StackId"]  # a removed one has no name
        client.delete_stack(StackName=stack)
        _until(self.emulator, stack, "DELETE_COMPLETE")


def bootstrap(emulator: Emulator) -> None:
    """What a deployment needs of `cdk bootstrap`: the bucket and the version; safe to be called twice."""
    here = {"LocationConstraint": REGION}
    try:
        emulator.client("s3").create_bucket(Bucket=ASSETS, CreateBucketConfiguration=here)
    except ClientError as error:
        if error.response["Error"]["Code"] != "BucketAlreadyOwnedByYou":
            raise
    name, value = BOOTSTRAP_VERSION
    emulator.client("ssm").put_parameter(Name=name, Value=value, Type="String", Overwrite=True)


def changed(body: str, change: Change | None) -> str:
    """The template's text; what a test alters is altered, everything else stays to the byte."""
    if change is None:
        return body
    return json.dumps(change(json.loads(body)))


def deploy(emulator: Emulator, name: str, body: str, parameters: Mapping[str, str] | None = None) -> Deployed:
    """A stack from a template's text; it goes through the bucket, for CloudFormation takes 51,200 bytes otherwise.

    Raises:
        DeploymentError: with the reasons.
    """
    began = time.monotonic()
    key = f"{sha256(body.encode()).hexdigest()}.json"
    bootstrap(emulator)
    emulator.client("s3").put_object(Bucket=ASSETS, Key=key, Body=body.encode())
    client = emulator.client("cloudformation")
    try:
        stack = client.create_stack(
            StackName=name,
            TemplateURL=f"https://s3.{REGION}.amazonaws.com/{ASSETS}/{key}",
            Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in (parameters or {}).items()],
            Capabilities=list(CAPABILITIES),
            OnFailure="DO_NOTHING",  # what failed is still there to be looked at
        )["StackId"]
    except ClientError as error:
        raise DeploymentError(f"{name} is refused: {error}\n{_logged(emulator, name)}") from error
    described = _until(emulator, stack, "CREATE_COMPLETE")
    outputs = {o["OutputKey"]: o["OutputValue"] for o in described.get("Outputs", ())}
    return Deployed(emulator, name, outputs, _resources(client, name), time.monotonic() - began)


def _resources(client: Any, name: str) -> Mapping[str, str]:
    pages = client.get_paginator("list_stack_resources").paginate(StackName=name)
    found = (r for page in pages for r in page["StackResourceSummaries"])
    return {r["LogicalResourceId"]: r.get("PhysicalResourceId", "") for r in found}


def _until(emulator: Emulator, stack: str, wanted: str) -> Mapping[str, Any]:
    """The stack's description once it is as it should be.

    Raises:
        DeploymentError: it ends in another state, or in none.
    """
    until = time.monotonic() + DONE_WITHIN_S
    while True:
        described: Mapping[str, Any] = emulator.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
        status = described["StackStatus"]
        if status == wanted:
            return described
        if not status.endswith("IN_PROGRESS") or time.monotonic() > until:
            raise DeploymentError(_told(emulator, stack, status, described.get("StackStatusReason", "")))
        time.sleep(0.05)


def _told(emulator: Emulator, stack: str, status: str, reason: str) -> str:
    name = stack.split("/")[1]
    events = emulator.client("cloudformation").describe_stack_events(StackName=stack)["StackEvents"]
    failed = [e for e in reversed(events) if e["ResourceStatus"].endswith("FAILED") and e["LogicalResourceId"] != name]
    said = [f"  {e['LogicalResourceId']} ({e['ResourceType']}): {e.get('ResourceStatusReason', '?')}" for e in failed]
    names = [e["LogicalResourceId"] for e in failed] or [name]
    return "\n".join([f"{name} is {status} {reason}".rstrip(), *said, "the emulator's log:", _logged(emulator, *names)])


def _logged(emulator: Emulator, *names: str) -> str:
    return emulator.log_about(*names, "traceback", " error ") or emulator.log_tail(20)
