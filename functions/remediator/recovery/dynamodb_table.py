"""A DynamoDB table recovered by hand: more capacity, higher bounds of its autoscaling, or on-demand."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from ..core.evidence import Reading
from ..core.plan import Advise, Plan
from ..core.runbook import Setting
from ..core.text import Text, joined
from ..events.recovery_requests import Asked
from ..resources.dynamodb.capacity_plans import Raise, plan_bounds, plan_on_demand, plan_units
from ..resources.dynamodb.change_limits import not_ours, quota_reasons_to_ask, switch_reasons_to_ask
from ..resources.dynamodb.model import Bounds, Quotas, Table, Throughput
from ..resources.dynamodb.throttle_metrics import DIRECTIONS, Direction
from .procedures import DYNAMODB, refused


class TableRead(Protocol):
    """What is read of a table before it is recovered."""

    @property
    def table(self) -> Reading[Table]:
        """The table now."""

    @property
    def scaling(self) -> Reading[tuple[Bounds, ...]]:
        """Who owns its capacity."""

    @property
    def quotas(self) -> Reading[Quotas]:
        """Of the account."""


def capacity(e: TableRead, setting: Setting, asked: Asked) -> Plan | Advise:
    """More provisioned units, or higher bounds where Application Auto Scaling owns them."""
    table, part = e.table.get(), e.table.get().part(asked.index)
    if (against := _table_busy(table)) is not None:
        return against
    if part is None:
        return refused(f"the table has no index {asked.index}", f"インデックス {asked.index} がありません")
    if table.on_demand:
        return refused(
            "the table is on demand: it has no capacity to raise", "オンデマンドモードのため、容量の設定はありません"
        )
    wanted: dict[Direction, int] = {d: n for d in DIRECTIONS if (n := getattr(asked, d)) is not None}
    if (against := _not_more(part, wanted, e.quotas)) is not None:
        return against
    owned = {b.direction: b for b in e.scaling.get() if b.index == asked.index}
    units = {d: n for d, n in wanted.items() if n > part.units(d)}
    limits = replace(setting.settings.limits, lease_s=0)  # what a person sets stays until a person sets it again
    plans: list[Plan] = []
    for direction in (d for d in units if d in owned):
        bounds = owned[direction]
        if (theirs := not_ours(bounds)) is not None:
            return theirs
        plans.append(plan_bounds(_raise(e, part, {direction: units[direction]}), bounds, limits))
    if free := {d: n for d, n in units.items() if d not in owned}:
        plans.append(plan_units(_raise(e, part, free), limits))
    return _together(plans)


def _raise(e: TableRead, part: Throughput, units: Mapping[Direction, int]) -> Raise:
    return Raise(runbook=DYNAMODB, table=e.table.get(), part=part, units=units, doubts=quota_reasons_to_ask(e.quotas))


def _not_more(part: Throughput, wanted: Mapping[Direction, int], quotas: Reading[Quotas]) -> Advise | None:
    lower = [f"{d} {part.units(d)} -> {n}" for d, n in wanted.items() if n < part.units(d)]
    if lower:
        text = ", ".join(lower)
        return refused(f"a recovery lowers no capacity ({text})", f"復旧手順では容量を引き下げません（{text}）")
    if all(n == part.units(d) for d, n in wanted.items()):
        return refused("the capacity is that already", "容量はすでにその値です")
    known = quotas.or_none()
    beyond = [f"{d} {known.of_table(d)}" for d, n in wanted.items() if known and n > known.of_table(d)]
    if beyond:
        text = ", ".join(beyond)
        return refused(f"the account's quota of a table is lower ({text})", f"テーブルのクォータを超えます（{text}）")
    return None


def _together(plans: list[Plan]) -> Plan:
    """Several plans of one table as one, undone in the opposite order."""
    if len(plans) == 1:
        return plans[0]
    doubts = tuple(p.ask_because for p in plans if p.ask_because)
    costs = [p.cost_per_month_usd for p in plans if p.cost_per_month_usd is not None]
    return replace(
        plans[0],
        title=joined(p.title for p in plans),
        calls=tuple(c for p in plans for c in p.calls),
        before={k: v for p in plans for k, v in p.before.items()},
        after={k: v for p in plans for k, v in p.after.items()},
        undo=tuple(c for p in reversed(plans) for c in p.undo),
        response="ask" if doubts else "auto",
        ask_because=joined(doubts) if doubts else None,
        cost_per_month_usd=round(sum(costs), 2) if costs else None,
        keep=joined(p.keep for p in plans if p.keep),
    )


def on_demand(e: TableRead, setting: Setting, asked: Asked) -> Plan | Advise:
    """Billing by the request."""
    del asked
    table = e.table.get()
    if (against := _table_busy(table)) is not None:
        return against
    if table.on_demand:
        return refused("the table is on demand already", "すでにオンデマンドモードです")
    e.scaling.get()  # who owns the capacity must be known before any of it is changed
    because = Text(
        "the cost then follows the requests and has no upper bound",
        "リクエスト数に応じた課金となり、費用の上限がなくなります",
    )
    return plan_on_demand(table, (because, *switch_reasons_to_ask(table, setting.now)), DYNAMODB)


def _table_busy(table: Table) -> Advise | None:
    if table.busy:
        return refused(
            "AWS is changing the table: wait until it is ACTIVE",
            "テーブルは変更処理中です。ACTIVE になるまで待ってください",
        )
    if table.status != "ACTIVE":
        return refused(f"the table is {table.status}", f"テーブルの状態は {table.status} です")
    return None
