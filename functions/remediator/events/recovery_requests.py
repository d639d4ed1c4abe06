"""A recovery procedure that a person starts for a named resource: what they ask for, read strictly."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, cast

from ..core.errors import EventNotUnderstood
from ..core.event_fields import ARN_CHARACTERS, Part, bounded
from ..core.model import Incident, Resource, Signal
from ..core.serialization import canonical, from_json, to_json
from ..resources.dynamodb.kind import DYNAMODB_TABLE
from ..resources.ecs.kind import ECS_SERVICE
from ..resources.load_balancing.kind import TARGET_GROUP

KIND = "recover"
ProcedureName = Literal["ecs", "dynamodb", "alb"]
ActionName = Literal["restart", "count", "capacity", "on_demand", "targets"]
SHORT_HASH = re.compile(r"[0-9a-f]{8}")
INDEX = re.compile(r"[A-Za-z0-9_.-]{3,255}")  # AWS, DynamoDB naming rules
TARGET_ID = re.compile(r"i-[0-9a-f]{8,17}|(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)")
TARGETS_AT_MOST = 20  # ours: what a person can still read through before they agree to it
LARGEST_PORT = 65535
LARGEST_NUMBER = 1_000_000_000  # what a quota says is looked up; this only keeps nonsense out

# What a procedure is started for: its kind, and the form of its ARN.
RESOURCES: Mapping[ProcedureName, tuple[str, re.Pattern[str]]] = {
    "ecs": (ECS_SERVICE.name, ECS_SERVICE.arn.pattern),
    "dynamodb": (DYNAMODB_TABLE.name, DYNAMODB_TABLE.arn.pattern),
    "alb": (TARGET_GROUP.name, TARGET_GROUP.arn.pattern),
}
# What each action takes besides procedure, action, resource and plan.
TAKES: Mapping[ProcedureName, Mapping[ActionName, frozenset[str]]] = {
    "ecs": {"restart": frozenset(), "count": frozenset(("count",))},
    "dynamodb": {"capacity": frozenset(("index", "read", "write")), "on_demand": frozenset()},
    "alb": {"targets": frozenset(("register", "deregister"))},
}
ALWAYS = frozenset(("procedure", "action", "resource", "plan"))


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class AskedTarget:
    """One target as a person names it; port 0 where they name none."""

    id: str
    port: int = 0

    @property
    def text(self) -> str:
        """`10.0.0.1:8000`, or the id alone."""
        return f"{self.id}:{self.port}" if self.port else self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One action of one procedure on one resource.

    Attributes:
        plan: first 8 hex digits of the plan that the person saw; another plan is not applied.
        index: DynamoDB index whose capacity is raised; empty for the table itself.
    """

    procedure: ProcedureName
    action: ActionName
    resource: Resource
    plan: str = ""
    count: int | None = None
    index: str = ""
    read: int | None = None
    write: int | None = None
    register: tuple[AskedTarget, ...] = ()
    deregister: tuple[AskedTarget, ...] = ()


def asked(detail: Part) -> Asked:
    """The action that a request asks for.

    Raises:
        EventNotUnderstood: a member is unknown, missing or of a wrong form; nothing is guessed.
    """
    procedure = detail.needed("procedure")
    if procedure not in TAKES:
        raise EventNotUnderstood(f"there is no procedure {procedure}; known are {', '.join(TAKES)}")
    named = cast("ProcedureName", procedure)
    action = detail.needed("action")
    if action not in TAKES[named]:
        raise EventNotUnderstood(f"{procedure} has no action {action}; known are {', '.join(TAKES[named])}")
    takes = TAKES[named][cast("ActionName", action)]
    unknown = sorted(bounded(str(n), 40) for n in set(detail.values) - takes - ALWAYS)
    if unknown:
        raise EventNotUnderstood(f"{procedure} {action} takes no {', '.join(unknown[:5])}")
    plan = detail.needed("plan")
    if not SHORT_HASH.fullmatch(plan):
        raise EventNotUnderstood(f"{detail.where('plan')} is not the 8 hex digits of a plan")
    read = Asked(
        procedure=named,
        action=cast("ActionName", action),
        resource=_resource(named, detail),
        plan=plan,
        count=_number(detail, "count"),
        index=_index(detail),
        read=_number(detail, "read"),
        write=_number(detail, "write"),
        register=_targets(detail, "register", port_needed=True),
        deregister=_targets(detail, "deregister", port_needed=False),
    )
    _refuse_empty(read, takes)
    return read


def _resource(procedure: ProcedureName, detail: Part) -> Resource:
    kind, form = RESOURCES[procedure]
    arn = detail.needed("resource", ARN_CHARACTERS)
    if not form.fullmatch(arn):
        raise EventNotUnderstood(f"{detail.where('resource')} is no ARN of a {kind.replace('_', ' ')}: {arn}")
    return Resource(kind, arn)


def _number(detail: Part, name: str) -> int | None:
    if name not in detail.values:
        return None
    value = detail.whole(name)
    if value is None or not 1 <= value <= LARGEST_NUMBER:
        raise EventNotUnderstood(f"{detail.where(name)} is no number from 1 on")
    return value


def _index(detail: Part) -> str:
    index = detail.text("index")
    if index and not INDEX.fullmatch(index):
        raise EventNotUnderstood(f"{detail.where('index')} is no name of an index")
    return index


def _targets(detail: Part, name: str, *, port_needed: bool) -> tuple[AskedTarget, ...]:
    texts = detail.texts(name, TARGETS_AT_MOST + 1)
    if len(texts) > TARGETS_AT_MOST:
        raise EventNotUnderstood(f"{detail.where(name)} names more than {TARGETS_AT_MOST} targets")
    return tuple(sorted({target(text, port_needed=port_needed) for text in texts}))


def target(text: str, *, port_needed: bool) -> AskedTarget:
    """One target: an instance or an IPv4 address, with its port.

    Raises:
        EventNotUnderstood: it is none, or its port is missing.
    """
    id, colon, port = text.partition(":")
    whole = port.isascii() and port.isdigit() and 1 <= int(port) <= LARGEST_PORT
    if not TARGET_ID.fullmatch(id) or (colon and not whole) or (port_needed and not colon):
        wanted = "ID:PORT" if port_needed else "ID or ID:PORT"
        raise EventNotUnderstood(f"{bounded(text, 60)} is no target: {wanted}, ID an instance or an IPv4 address")
    return AskedTarget(id=id, port=int(port) if colon else 0)


def _refuse_empty(read: Asked, takes: frozenset[str]) -> None:
    given = {f.name for f in fields(read) if getattr(read, f.name) not in (None, "", ())}
    wanted = takes - {"index"}
    if wanted and not given & wanted:
        raise EventNotUnderstood(f"{read.procedure} {read.action} needs {' or '.join(sorted(wanted))}")


def payload(what: Asked) -> Mapping[str, Any]:
    """`what` as a request's `recover` member; `asked` reads it back."""
    takes = TAKES[what.procedure][what.action]
    response: dict[str, Any] = {
        "procedure": what.procedure,
        "action": what.action,
        "resource": what.resource.arn,
        "plan": what.plan,
    }
    values: dict[str, Any] = {
        "count": what.count,
        "index": what.index,
        "read": what.read,
        "write": what.write,
        "register": [t.text for t in what.register],
        "deregister": [t.text for t in what.deregister],
    }
    return response | {n: v for n, v in values.items() if n in takes and v not in (None, "", [])}


def signal_of(what: Asked, runbook: str, at: str) -> Signal:
    """The request as the one signal of its incident.

    Args:
        what: was asked for.
        runbook: whose evidence is read and whose fix role makes the change.
        at: ISO 8601.
    """
    return Signal(
        kind=KIND,
        resource=what.resource,
        level="low",
        at=at,
        key=f"asked {canonical(what)}",
        facts={"runbook": runbook, "asked": to_json(what), "index": what.index},
    )


def asked_by(incident: Incident) -> Asked:
    """What the person asked for who started `incident`."""
    return from_json(Asked, incident.signals[0].facts["asked"])
