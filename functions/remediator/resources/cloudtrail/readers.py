"""Readers of CloudTrail: what was called on the incident's resources from the hour before it until now.

One window of a region is read once for all incidents of a workload and kept for five minutes (docs/why/0007), as
LookupEvents takes two requests a second of an account and region. A window is: the newest 300 writes; where there are
more, also the newest 50 calls that CloudTrail itself lists under the resource's name, and under its ARN.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ...core.errors import Retryable
from ...core.ports import GLOBAL_REGION, Aws, Permission, Scope, reads
from ...core.serialization import Json, from_json, to_json
from ...core.timestamps import after, moment
from ..kinds import declared_names, own_names
from .history import BEFORE_S, ApiEvent, History, narrowed, within_bytes
from .records import looked_up

PAGE = 50  # AWS: at most so many events in an answer
PAGES = 6  # ours: three seconds at two requests a second
READ_CHARS = 4_000_000  # ours: of records, which have 256 KB each at most
KEPT_BYTES = 200_000
EVIDENCE_BYTES = 30_000  # an incident's evidence is stored in one item and one checkpoint, of 256 KB at most
SLACK_S = 300  # incidents of one trouble open within minutes; the first one's window is good for all
# Calls that a task's start makes for it and that IAM may refuse; CloudTrail takes them for reads.
START_READS = ("GetSecretValue", "GetParameters", "GetAuthorizationToken", "BatchGetImage", "Decrypt")
WRITES = {"AttributeKey": "ReadOnly", "AttributeValue": "false"}


@reads(Permission("cloudtrail:LookupEvents"))
def history(aws: Aws, scope: Scope) -> History:
    """Calls in the incident's own region that concern its resources, change permissions, or failed."""
    return _of_incident(window(aws, scope, scope.incident.resource.region or "home"), scope)


@reads(Permission("cloudtrail:LookupEvents", region=GLOBAL_REGION))
def global_history(aws: Aws, scope: Scope) -> History:
    """The same of services without a region, IAM and CloudFront: their calls are recorded in us-east-1."""
    return _of_incident(window(aws, scope, GLOBAL_REGION), scope)


@reads(Permission("cloudtrail:LookupEvents"))
def refused_reads(aws: Aws, scope: Scope) -> History:
    """Reads that a task's start makes (secret, parameter, registry, key) and that failed, of any role."""
    key = f"start-reads/{scope.incident.resource.region or 'home'}/{group_of(scope)}"

    def read() -> Json:
        attributes = [{"AttributeKey": "EventName", "AttributeValue": name} for name in START_READS]
        return _plain(_looked_up(aws, scope, [(a, 1) for a in attributes], lambda e: bool(e.error_code)))

    return _of_incident(from_json(History, aws.shared(key, read)), scope)


def names_of(scope: Scope) -> tuple[str, ...]:
    """What the incident's resource and the rest of its workload are called, in records of any service."""
    resource, workload = scope.incident.resource, scope.workload
    return tuple(dict.fromkeys((*own_names(resource), *(declared_names(workload) if workload else ()))))


def group_of(scope: Scope) -> str:
    """Whose window it is: everything of a workload shares one, else everything of a resource."""
    return scope.workload.name if scope.workload else scope.incident.resource.arn


def _of_incident(held: History, scope: Scope) -> History:
    return within_bytes(narrowed(held, names_of(scope)), EVIDENCE_BYTES)


def window(aws: Aws, scope: Scope, region: str) -> History:
    """Calls in `region` from the hour before the incident until now, shared by everything of its workload."""
    stored = aws.shared(f"history/{region}/{group_of(scope)}", lambda: _plain(_read(aws, scope)))
    held = from_json(History, stored)
    if held.since <= after(scope.incident.opened_at, SLACK_S - BEFORE_S):
        return held
    return replace(held, complete=False, cut=f"another incident's window, which begins at {held.since}")


def _plain(read: History) -> Json:
    plain: Json = to_json(within_bytes(read, KEPT_BYTES))
    return plain


def _read(aws: Aws, scope: Scope) -> History:
    read = _looked_up(aws, scope, [(WRITES, PAGES)])
    if read.complete:
        return read
    by_name = [{"AttributeKey": "ResourceName", "AttributeValue": name} for name in names_of(scope)[:2]]
    own = _looked_up(aws, scope, [(a, 1) for a in by_name], must=False)
    return _history(scope, (*read.events, *own.events), read.cut)


def _looked_up(
    aws: Aws,
    scope: Scope,
    asked: Iterable[tuple[Mapping[str, str], int]],
    wanted: Callable[[ApiEvent], bool] = lambda _: True,
    *,
    must: bool = True,
) -> History:
    """What CloudTrail has for each attribute, so many pages of it; refused requests cut it, the first one fails it."""
    found: list[ApiEvent] = []
    cut, chars = "", 0
    for attribute, pages in asked:
        token: Mapping[str, str] = {}
        for page in range(pages):
            try:
                answer = _page(aws, scope, attribute, token)
            except Retryable:
                if must and not found and page == 0:
                    raise
                return _history(scope, found, "CloudTrail refused more requests")
            events: Sequence[Mapping[str, Any]] = answer.get("Events", ())
            chars += sum(len(e.get("CloudTrailEvent", "")) for e in events)
            found += [e for result in events if (e := looked_up(result)) and wanted(e)]
            token = {"NextToken": answer["NextToken"]} if answer.get("NextToken") else {}
            if not token:
                break
            if chars > READ_CHARS:
                return _history(scope, found, f"the newest {len(found)}: the records are too long")
        else:
            cut = f"the newest {len(found)}: there are more"
    return _history(scope, found, cut)


def _page(aws: Aws, scope: Scope, attribute: Mapping[str, str], token: Mapping[str, str]) -> Mapping[str, Any]:
    return aws.call(
        "cloudtrail:LookupEvents",
        LookupAttributes=[dict(attribute)],  # AWS takes one at a time
        StartTime=moment(after(scope.incident.opened_at, -BEFORE_S)),
        EndTime=moment(scope.now),
        MaxResults=PAGE,
        **token,
    )


def _history(scope: Scope, found: Iterable[ApiEvent], cut: str) -> History:
    once = {(e.id or f"{e.at}{e.name}{e.by}"): e for e in found}
    return History(
        events=tuple(sorted(once.values(), key=lambda e: e.at, reverse=True)),
        since=after(scope.incident.opened_at, -BEFORE_S),
        until=scope.now,
        complete=not cut,
        cut=cut,
    )
