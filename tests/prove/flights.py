"""What the requests alone say of changes in flight and of incidents that open; nothing here trusts the product's own view."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from sandbox.wire import Request

OWN = frozenset(("sts", "sns", "lambda", "scheduler", "sqs", "ssm"))


def workload(record: Mapping[str, Any]) -> str:
    """What one change at a time is made of: the workload of a ledger's record, else its resource."""
    return str(json.loads(record["incident"]).get("workload") or record["resource"])


@dataclass
class Flights:
    """Changes in flight by the requests alone: from the write of an incident's session to its giving back of the lock."""

    sessions: Mapping[str, str]  # access key -> session name
    workload_of: Mapping[str, str]
    changes: int = 0
    most: int = 0
    most_of_one: int = 0
    violations: list[str] = field(default_factory=list)

    def follow(self, requests: Sequence[Request]) -> None:
        """All requests, in order."""
        flying: dict[str, set[str]] = defaultdict(set)
        written: set[str] = set()
        for r in requests:
            if r.role and r.service not in OWN:
                self.changes += 1
                incident = self.sessions[r.access_key].removeprefix("remediator-")
                workload = self.workload_of.get(incident, "")
                if not workload:
                    self.violations.append(f"a write of no incident: {r.action} by {incident}")
                call = f"{incident} {r.action} {json.dumps(r.parameters, sort_keys=True, default=str)}"
                if call in written:
                    self.violations.append(f"sent twice: {call[:200]}")
                if others := flying[workload] - {incident}:
                    self.violations.append(f"{workload}: {incident} writes while {sorted(others)} is in flight")
                written.add(call)
                flying[workload].add(incident)
                self.most_of_one = max(self.most_of_one, len(flying[workload]))
                self.most = max(self.most, sum(map(len, flying.values())))
            elif r.operation == "DeleteItem" and str(r.parameters["Key"]["pk"]["S"]).startswith("lock#"):
                incident = _only(r.parameters["ExpressionAttributeValues"])
                flying[self.workload_of.get(incident, "")].discard(incident)


def _only(values: Mapping[str, Mapping[str, str]]) -> str:
    return next(iter(values.values()))["S"]


def one_per_trouble(requests: Sequence[Request], opened: set[str]) -> Iterator[str]:
    """On one slot an incident opens only when the one before has closed; by the order of the requests.

    Args:
        requests: all of them.
        opened: incidents that are in the ledger: the wire does not tell which transactions were cancelled.
    """
    opens: dict[str, tuple[str, int]] = {}
    closed: dict[str, int] = {}
    for place, r in enumerate(requests):
        if r.operation == "TransactWriteItems":
            items = [s["Put"]["Item"] for s in r.parameters["TransactItems"] if "Put" in s]
            opens |= {i["pk"]["S"].removeprefix("incident#"): (i["slot"]["S"], place) for i in items if "slot" in i}
        elif r.operation == "UpdateItem" and ":until" in r.parameters.get("ExpressionAttributeValues", ()):
            closed[r.parameters["ExpressionAttributeValues"][":id"]["S"]] = place
    by_slot: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for incident, (slot, place) in opens.items():
        if incident in opened:
            by_slot[slot].append((place, incident))
    for slot, found in by_slot.items():
        found.sort()
        for (_, one), (place, other) in pairwise(found):
            if closed.get(one, len(requests)) > place:
                yield f"{slot}: {other} opens while {one} is open"
