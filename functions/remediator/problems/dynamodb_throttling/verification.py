"""Whether the table serves without throttling: by CloudWatch, independent of the call that changed it."""

from dataclasses import replace
from typing import Any

from ...core.attribution import RecoveryTimeline, attribute, course_of_minutes, last_of
from ...core.model import Fact, Verdict
from ...core.plan import Change
from ...core.runbook import Judgement, VerificationContext
from ...core.text import Text
from ...core.timestamps import seconds_between
from ...resources.dynamodb.model import Flow, Minute, Table, Throughput, bound_name, units_name
from ...resources.dynamodb.throttle_metrics import DIRECTIONS, Direction, ThrottleCause
from .evidence import Outcome

QUIET_S = 300  # ours: five datapoints of a minute; throttling that a raise does not end comes back within them


GIVE_UP_S = 600  # ours: AWS needs minutes to apply a change; what goes on after ten goes on


KIND: dict[str, ThrottleCause] = {
    "insufficient_capacity": "provisioned",
    "burst_traffic": "provisioned",
    "hot_key": "key_range",
    "on_demand_maximum": "max_on_demand",
}


def judge(after: Outcome, context: VerificationContext[Any]) -> Judgement:
    """Fixed means: traffic was served for five minutes after the change took effect, and none of it was throttled.

    Throttle metrics are absent where zero, so their absence counts only as far as consumption proves that there was
    something to throttle.
    """
    table, flows = after.table.get(), (*after.throttles.get(), *after.other_throttles.get())
    base = _in_effect_since(table, context.since)
    bad = [m for f in flows for m in f.bad]
    again = [m for m in _of_kind(flows, context.change) if m.at >= base]
    quiet_from = max((base, *(m.ends_at for m in bad)))
    proven = _traffic_until(flows, _affected(context.before))
    quiet_s = max(0.0, seconds_between(quiet_from, min(proven, context.now))) if proven else 0.0
    facts = _facts(after, flows, again, quiet_s)
    settled = table.status == "ACTIVE" and not table.busy
    if settled and context.change and any(seconds_between(base, m.at) >= GIVE_UP_S for m in again):
        return Judgement(Verdict.NOT_FIXED, facts, persists=True)
    if settled and quiet_s >= QUIET_S:
        earned = attribute(context.change, course(after, context), context.now)
        return Judgement(earned.verdict, (*earned.facts, *facts))
    return Judgement(None, facts, persists=bool(again))


def _in_effect_since(table: Table, since: str) -> str:
    """The later of the change and the last increase that AWS made: until then the old capacity served."""
    increased = [p.increased_at for p in (table.own, *table.indexes) if p.increased_at]
    return max((since, *increased))


def course(after: Outcome, context: VerificationContext[Any]) -> RecoveryTimeline:
    """When requests were refused last, and when AWS had applied the raise: DescribeTable's last increase.

    Only where the units themselves were set. Autoscaling raises them again and again, so its last increase says
    nothing of its first, and an on-demand maximum has no such time: there the change's own moment counts. Units that
    have not followed raised bounds yet are no change that is in effect.
    """
    flows = (*after.throttles.get(), *after.other_throttles.get())
    was = (*(context.before.throttles.or_none() or ()), *(context.before.other_throttles.or_none() or ()))
    both = (*was, *flows)
    served = [{m.at for m in f.consumed if m.count > 0} for f in _affected_of(both, context.before)]
    pending = not _raised(after.table.get(), context.change)
    return course_of_minutes(
        bad=[m.at for f in both for m in f.bad],
        counted=set.intersection(*served) if served else (),
        source=f"{after.throttles.source}, {after.table.source}",
        effect_at=context.now if pending else _increased_at(after.table.get(), context.change),
        pending=pending,
    )


def _raised(table: Table, change: Change | None) -> bool:
    """Whether the units that a raise is for are there."""
    if change is None or change.plan.fix != "raise_capacity":
        return True
    wanted = change.plan.after
    named = ((p.units(d), wanted.get(n)) for p in (table.own, *table.indexes) for d in DIRECTIONS for n in _names(p, d))
    return all(units >= int(least) for units, least in named if least is not None)


def _names(part: Throughput, direction: Direction) -> tuple[str, str]:
    return units_name(part.index, direction), bound_name(part.index, direction, "Min")


def _increased_at(table: Table, change: Change | None) -> str:
    raised = set(change.plan.after) if change else set()
    set_here = [p for p in (table.own, *table.indexes) if raised & {units_name(p.index, d) for d in DIRECTIONS}]
    return last_of(p.increased_at for p in set_here if p.increased_at)


def _affected_of(flows: tuple[Flow, ...], before: Any) -> tuple[Flow, ...]:
    """One flow for each direction in which requests were refused when it was looked at first."""
    merged: dict[tuple[str, Direction], Flow] = {}
    for flow in flows:
        where = (flow.index, flow.direction)
        if where in _affected(before):
            had = merged.get(where)
            merged[where] = replace(flow, consumed=(*(had.consumed if had else ()), *flow.consumed))
    return tuple(merged.values())


def _of_kind(flows: tuple[Flow, ...], change: Change | None) -> tuple[Minute, ...]:
    kind = KIND.get(change.plan.cause.rsplit(".", 1)[-1]) if change else None
    return tuple(m for f in flows for m in (f.of(kind) if kind else f.bad))


def _affected(before: Any) -> frozenset[tuple[str, Direction]]:
    """Where requests were throttled when it was looked at first."""
    seen = (*(before.throttles.or_none() or ()), *(before.other_throttles.or_none() or ()))
    return frozenset((f.index, f.direction) for f in seen if f.bad)


def _traffic_until(flows: tuple[Flow, ...], affected: frozenset[tuple[str, Direction]]) -> str:
    """Until when every affected direction is known to have served requests; empty where one is not."""
    served = {(f.index, f.direction): max((m.ends_at for m in f.consumed if m.count > 0), default="") for f in flows}
    if not affected:
        return max(served.values(), default="")
    return min(served.get(where, "") for where in affected)


def _facts(after: Outcome, flows: tuple[Flow, ...], again: list[Minute], quiet_s: float) -> tuple[Fact, ...]:
    served = sum(m.count for f in flows for m in f.consumed)
    return (
        after.table.fact(Text("table", "テーブル"), after.table.get().status),
        after.throttles.fact(
            Text("throttled requests of this kind since", "その後の同種のスロットリング"),
            f"{sum(m.count for m in again):.0f}",
        ),
        after.throttles.fact(
            Text("capacity consumed in the window", "期間中の消費キャパシティ"), f"{served:.0f} units"
        ),
        after.throttles.fact(
            Text("served without throttling for / needed", "スロットリングなしの稼働時間 / 必要時間"),
            f"{quiet_s:.0f} / {QUIET_S} s",
        ),
    )
