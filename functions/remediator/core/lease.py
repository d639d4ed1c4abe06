"""What a fix lends and how it comes back: a loan's values, the next step towards them, and when it is looked at again. Pure.

Raised counts, capacities and bounds are lent. Each loan is looked at when its time is up, by an incident of its own, and goes
back step by step. The figures are ours; AWS bounds how often a table's capacity may go down.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .model import Resource, Signal
from .plan import Change
from .serialization import Json, from_json
from .settings import Limits
from .text import Text
from .timestamps import after, iso, moment

KIND = "lease_due"
RUNBOOK = "lease_hand_back"
EXTENSIONS = 7  # with the pause doubled each time to a day at most, that is five days: by then it is no loan
LONGEST_S = 86400
VERIFIED_S = 900  # how long a step is looked after at most
BETWEEN_S = 900  # and what may come between: gates, the report, a slow look
AFTER_MIDNIGHT_S = 300  # clocks differ a little
LAST_PART = 4  # what is left goes back at once where it is a quarter of the loan or less: three steps at most
UNKNOWN = Text("the ledger has no such loan any more", "台帳に該当する一時変更の記録がありません")
TAKEN_BACK = Text("the change was undone already", "その変更はすでに取り消されています")
KEPT_BY_A_PERSON = Text(
    "a person has undone a step of the hand-back, so it stays", "人が返却を取り消したため、現在の値を維持します"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """One look at a loan that is due, or will be.

    Attributes:
        incident: which lent it.
        step: whose change stands now: the same, or the hand-back that made the last step.
        extension: how often in a row it was put off.
        at: when it is looked at, ISO 8601.
    """

    incident: str
    step: str
    runbook: str
    resource: Resource
    extension: int = 0
    at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledLease:
    """What became of a loan when an incident was over with it.

    Attributes:
        until: when it is looked at again, ISO 8601; empty where nobody comes back to it.
        extension: how often in a row it has been put off.
        lost: why it could not be put down for later; empty where it could.
    """

    until: str = ""
    extension: int = 0
    lost: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loan:
    """What the ledger knows of a loan.

    Attributes:
        was: the values before it was lent, by the names of the plan.
        lent: the values right after.
        stands: what the program set last of it, the loan or the last step of its hand-back; two where it is not known
            whether that was taken back.
        fix: the planner that lent it.
        over: why it is nobody's to hand back any more; empty where it is ours.
        worse_at: when a step of its hand-back was taken back because it made things worse, ISO 8601; empty where none was.
        beyond: what other changes of the program, made since then, have set.
    """

    incident: str
    was: Mapping[str, int] = field(default_factory=dict)
    lent: Mapping[str, int] = field(default_factory=dict)
    stands: tuple[Mapping[str, int], ...] = ()
    fix: str = ""
    over: Text | None = None
    worse_at: str = ""
    beyond: tuple[Mapping[str, int], ...] = ()


def lease_of(signals: tuple[Signal, ...]) -> Lease | None:
    """The lease that a hand-back's first signal tells of; None where it tells of something else."""
    found = next((s for s in signals if s.kind == KIND), None)
    if found is None:
        return None
    facts = found.facts
    return Lease(
        incident=str(facts["lent_by"]),
        step=str(facts["step"]),
        runbook=str(facts["lender"]),
        resource=found.resource,
        extension=int(facts["extension"]),
        at=found.at,
    )


def lent(incident: str, runbook: str, change: Change) -> Lease:
    """The lease of a change that has just been made by a runbook that lends."""
    plan = change.plan
    at = after(change.applied_at, plan.lease_s)
    return Lease(incident=incident, step=incident, runbook=runbook, resource=plan.resource, at=at)


def stepped(lease: Lease, incident: str, change: Change) -> Lease:
    """The lease that is left after the hand-back `incident` made a step of it."""
    at = after(change.applied_at, change.plan.lease_s)
    return Lease(
        incident=lease.incident, step=incident, runbook=lease.runbook, resource=lease.resource, extension=0, at=at
    )


def extended(lease: Lease, step: str, now: str, limits: Limits, *, tomorrow: bool = False) -> Lease | None:
    """The lease put off; None where it was put off too often.

    Args:
        lease: as it came due.
        step: whose change stands now.
        now: ISO 8601.
        limits: whose `lease_s` is the first pause; it doubles each time, up to a day.
        tomorrow: not before the next day (UTC) begins.
    """
    if lease.extension >= EXTENSIONS:
        return None
    pause_s = min(max(limits.lease_s, 1) * 2**lease.extension, LONGEST_S)
    at = after(now, pause_s)
    if tomorrow:
        at = max(at, after(next_day(now), AFTER_MIDNIGHT_S))
    return Lease(
        incident=lease.incident,
        step=step,
        runbook=lease.runbook,
        resource=lease.resource,
        extension=lease.extension + 1,
        at=at,
    )


def next_day(now: str) -> str:
    """The moment at which the next UTC day begins."""
    return iso(moment(f"{after(now, LONGEST_S)[:10]}T00:00:00Z"))


def step_lease_s(limits: Limits) -> int:
    """How long a step is left alone before the next: until it is proved, and the rest after a change is over."""
    return VERIFIED_S + limits.cooldown_s + BETWEEN_S


def whole_numbers(values: Mapping[str, Any]) -> Mapping[str, int]:
    """The values of a plan as numbers; those that are none are left out."""
    return {name: int(v) for name, v in values.items() if str(v).isdigit()}


def next_step(loan: Loan, now: Mapping[str, int]) -> Mapping[str, int]:
    """The values after one step back: half of what is left, rounded up; all of it where it is little."""
    return {name: _step(now[name], was, loan.lent[name]) for name, was in loan.was.items()}


def _step(now: int, was: int, most: int) -> int:
    left = now - was
    if left <= 0 or left <= -(-(most - was) // LAST_PART):
        return was if left > 0 else now
    return now - -(-left // 2)


def ours(loan: Loan, now: Mapping[str, int]) -> bool:
    """Whether the values are as the program set them last."""
    return any(all(now.get(name) == value for name, value in set_last.items()) for set_last in loan.stands if set_last)


def lent_on(loan: Loan, now: Mapping[str, int]) -> bool:
    """Whether the values are those of another change of the program, made on top of this loan."""
    mine = ({n: v for n, v in found.items() if n in loan.was} for found in loan.beyond)
    return any(all(now.get(name) == value for name, value in found.items()) for found in mine if found)


def schedule_name(incident: str) -> str:
    """One schedule for each incident at most; an incident's id is under 58 characters, a schedule's name has 64."""
    return f"lease-{incident}"[:64]


def at_expression(at: str) -> str:
    """The moment as EventBridge Scheduler takes it, in whole seconds of UTC; never earlier than `at`."""
    whole = moment(iso(moment(after(at, 0.999))))
    return f"at({whole:%Y-%m-%dT%H:%M:%S})"


def loan_from(lease: Lease, root: Json, step: Json, others: Sequence[Json] = ()) -> Loan:
    """The loan as the ledger's records tell it.

    Args:
        lease: which loan.
        root: record of the incident that lent it.
        step: record of the incident that made the last step of its hand-back; the same where none was made.
        others: records of incidents that changed the resource since then.
    """
    made, last = _change(root), _change(step)
    if made is None or last is None:
        return Loan(incident=lease.incident, over=UNKNOWN)
    was, given = whole_numbers(made.plan.before), whole_numbers(made.plan.after)
    stands, worse_at = _stands(last, step, loan=lease.step == lease.incident)
    return Loan(
        incident=lease.incident,
        was=was,
        lent=given,
        stands=stands,
        fix=made.plan.fix,
        over=_over(lease, root, step),
        worse_at=worse_at,
        beyond=tuple(whole_numbers(c.plan.after) for c in map(_change, others) if c),
    )


def _stands(last: Change, record: Json, *, loan: bool) -> tuple[tuple[Mapping[str, int], ...], str]:
    """What the values may be after the last change of ours, and when it was taken back, if it was."""
    after_it, before_it = whole_numbers(last.plan.after), whole_numbers(last.plan.before)
    undone = str(record.get("undo_state", ""))
    if loan or not undone:
        return (after_it,), ""
    at = json.loads(record["undone"])["applied_at"] if "undone" in record else last.applied_at
    return ((before_it,) if undone == "applied" else (before_it, after_it)), str(at)


def _over(lease: Lease, root: Json, step: Json) -> Text | None:
    if root.get("undo_state") == "applied" or root.get("taken_back_by"):
        return TAKEN_BACK
    if lease.step != lease.incident and step.get("taken_back_by"):
        return KEPT_BY_A_PERSON
    return None


def _change(record: Json) -> Change | None:
    found = record.get("change")
    return from_json(Change, json.loads(found)) if isinstance(found, str) else None
