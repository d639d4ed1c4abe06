"""What a recovery by hand looks at with the engineer's own credentials, and what each action would do. Writes nothing."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from remediator.aws.client import AwsClient
from remediator.aws.runtime import Clients, Environment, Runtime
from remediator.core.errors import ForAPerson, NotFound
from remediator.core.evidence import Unchecked, gaps
from remediator.core.model import Fact, Incident, Resource
from remediator.core.plan import Advise, Plan
from remediator.core.ports import Permission, Scope
from remediator.core.runbook import AnyRunbook, Setting
from remediator.core.serialization import Json, from_json
from remediator.core.text import Language, Text
from remediator.core.timestamps import iso
from remediator.events.recovery_requests import RESOURCES, Asked, ProcedureName, payload, signal_of
from remediator.incidents.case import Case
from remediator.problems import load
from remediator.recovery.planners import ByHand
from remediator.recovery.procedures import BY_NAME, Procedure
from remediator.remediation.gather import gather
from remediator.reports.status import action
from remediator.resources.kinds import workload_of

from .look import declared_settings

POLL_S = 5
WAIT_AT_MOST_S = 2400  # the proof gives up after 1800 s; the rest is for starting and reporting
CLOSED = "closed"


class Deployed(Protocol):
    """The deployment, as far as a recovery needs it."""

    def invoke_intake(self, payload: Mapping[str, Any]) -> Any:
        """What the deployed intake function says to a request."""

    def record(self, incident: str) -> Mapping[str, Any]:
        """The ledger's record of an incident."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who looks, and where.

    Attributes:
        arn: of the caller, as STS gives it.
        region: that the engineer works in.
    """

    arn: str
    region: str
    runtime: Runtime

    @property
    def account(self) -> str:
        """Twelve digits."""
        return self.arn.split(":")[4]

    @property
    def place(self) -> str:
        """`ap-northeast-1:123456789012`, as it stands in ARNs."""
        return f"{self.region}:{self.account}"

    @property
    def partition(self) -> str:
        """`aws`, `aws-cn` or `aws-us-gov`."""
        return self.arn.split(":")[1]


def caller(region: str | None) -> Caller:
    """The engineer's own credentials and region.

    Raises:
        ForAPerson: there are none that work, or no region is named.
    """
    session = boto3.Session(region_name=region)
    if not session.region_name:
        raise ForAPerson("no region: give --region, or set AWS_DEFAULT_REGION")
    try:
        arn = str(session.client("sts").get_caller_identity()["Arn"])
    except (ClientError, BotoCoreError) as error:
        raise ForAPerson(f"no usable AWS credentials: {error}") from error
    runtime = Runtime(settings=declared_settings(), environment=Environment(), clients=Clients(session))
    return Caller(arn=arn, region=session.region_name, runtime=runtime)


def resource_named(who: Caller, name: ProcedureName, text: str) -> Resource:
    """The resource that an engineer names: an ARN, `CLUSTER/SERVICE`, a table, or a target group.

    Raises:
        NotFound: it is no such name, of another account or region, or there is no target group of that name.
    """
    kind, form = RESOURCES[name]
    arn = text if text.startswith("arn:") else _arn(who, name, text)
    if not form.fullmatch(arn):
        raise NotFound(f"{text} names no {kind.replace('_', ' ')}: {_WANTED[name]}, or its ARN")
    resource = Resource(kind, arn)
    if f"{resource.region}:{resource.account}" != who.place:
        raise NotFound(
            f"{arn} is in {resource.region} of account {resource.account}; you are in {who.region} of {who.account}"
        )
    return resource


_WANTED: Mapping[ProcedureName, str] = {"ecs": "CLUSTER/SERVICE", "dynamodb": "TABLE", "alb": "TARGET_GROUP"}


def _arn(who: Caller, name: ProcedureName, text: str) -> str:
    if name == "alb":
        door = AwsClient(who.runtime.clients, [Permission("elasticloadbalancing:DescribeTargetGroups")])
        listed = door.call("elasticloadbalancing:DescribeTargetGroups", Names=[text])["TargetGroups"]
        return str(listed[0]["TargetGroupArn"]) if listed else ""
    service, path = ("ecs", f"service/{text}") if name == "ecs" else ("dynamodb", f"table/{text}")
    return f"arn:{who.partition}:{service}:{who.place}:{path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """How the resource stands at one moment."""

    procedure: Procedure
    resource: Resource
    runbook: AnyRunbook
    evidence: Any
    setting: Setting

    @property
    def facts(self) -> tuple[Fact, ...]:
        """The situation, each value with where and when it was read."""
        return self.runbook.situation(self.evidence)

    @property
    def gaps(self) -> Mapping[str, str]:
        """What could not be read, and why."""
        return gaps(self.evidence)

    def plan(self, asked: Asked) -> Plan | Advise:
        """What the action would do now, or why it is not done."""
        try:
            return ByHand(asked=asked).now(self.evidence, self.setting)
        except Unchecked as gap:
            return Advise(Text(f"Not decided: {gap}", f"判断できません: {gap}"))


def look(runtime: Runtime, name: ProcedureName, resource: Resource, index: str = "") -> Seen:
    """Reads what the procedure's runbook reads.

    Args:
        runtime: with the engineer's credentials; only reads are made.
        name: of the procedure.
        resource: of the kind that it is for.
        index: of a table, where its capacity is asked for.

    Raises:
        NotFound: the resource does not exist.
        ForAPerson: it cannot be read.
    """
    procedure = BY_NAME[name]
    first = procedure.actions[0]
    runbook, now = load(first.runbook), iso(runtime.now())
    asked = Asked(procedure=name, action=first.name, resource=resource, index=index)
    incident = Incident(
        id="recovery-on-a-laptop",
        runbook=runbook.id,
        resource=resource,
        level="low",
        opened_at=now,
        signals=(signal_of(asked, runbook.id, now),),
        origin="recover",
    )
    workload = workload_of(runtime.settings, resource)
    scope = Scope(incident=incident, now=now, settings=runtime.settings, workload=workload)
    evidence = gather(runtime, runbook.evidence, scope)
    _refuse_missing(name, resource, evidence)
    setting = Setting(now=now, settings=runtime.settings, workload=workload, opened_at=now)
    return Seen(procedure=procedure, resource=resource, runbook=runbook, evidence=evidence, setting=setting)


def _refuse_missing(name: ProcedureName, resource: Resource, evidence: Any) -> None:
    main = {"ecs": "service", "dynamodb": "table", "alb": "group"}[name]
    read = getattr(evidence, main)
    gone = read.gap is not None and read.gap.startswith("NotFound")
    if gone or (name == "ecs" and read.gap is None and read.value.status == "INACTIVE"):
        what = resource.kind.replace("_", " ")
        raise NotFound(f"there is no {what} {resource.path} in {resource.region} of account {resource.account}")
    if read.gap is not None:
        raise ForAPerson(f"{resource.arn} cannot be read: {read.gap}")


def start(deployed: Deployed, asked: Asked, plan: Plan, by: str) -> Json:
    """Lets the deployed function do exactly `plan`; gives what it said: `incident`, or why it was `refused`.

    Raises:
        ForAPerson: the function cannot be invoked, or said something else.
    """
    request = payload(replace(asked, plan=plan.short_hash))
    response = deployed.invoke_intake({"recover": request, "by": by})
    if isinstance(response, list) and len(response) == 1 and isinstance(response[0], Mapping):
        return dict(response[0])
    raise ForAPerson(f"the deployed function gave an answer that is not understood: {response}")


def wait_for(
    deployed: Deployed, incident: str, pause: Callable[[float], None], tell: Callable[[str], None]
) -> Mapping[str, Any]:
    """The record of the incident once it is closed; `tell` hears of each step on the way.

    Raises:
        ForAPerson: it is not closed after 40 minutes.
    """
    text = ""
    for _ in range(WAIT_AT_MOST_S // POLL_S):
        record = deployed.record(incident)
        if record["state"] == CLOSED:
            return record
        now = _state(record)
        if now != text:
            tell(now)
            text = now
        pause(POLL_S)
    raise ForAPerson(f"{incident} is not over after {WAIT_AT_MOST_S} s; follow it with `remediator incidents`")


def _state(record: Mapping[str, Any]) -> str:
    change = record.get("change_state", "")
    return f"{record['state']}, change {change}" if change else str(record["state"])


def told_facts(seen: Seen, language: Language) -> list[Json]:
    """The situation as plain values."""
    return [{"what": f.label.in_(language), "value": f.value, "read_by": f.source, "at": f.at} for f in seen.facts]


def why_of(record: Mapping[str, Any], language: Language) -> str:
    """What the final report says was done, in one sentence."""
    stored = record.get("case_final")
    return action(from_json(Case, json.loads(stored)), declared_settings().zone).in_(language) if stored else ""
