"""More throughput for a DynamoDB table or index: units, bounds of autoscaling, billing mode, on-demand maxima.

Units, bounds and on-demand maxima are lent: they carry an expiry, and a hand-back gives them back step by step within
AWS's decreases a day. None undoes itself. The switch to on-demand is no loan: it is a billing decision, so its plan is
always asked and a person hands it back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...core.model import Resource
from ...core.plan import HOURS_PER_MONTH, Call, Grant, Plan
from ...core.settings import Limits
from ...core.text import Text, joined
from .model import ON_DEMAND, Bounds, Insights, Table, Throughput, bounds_name, insights_name, maximum_name, units_name
from .throttle_metrics import DIRECTIONS, Direction

DECREASES_A_DAY = 27  # AWS, quotas of DynamoDB: at most so many decreases of a table or index a day (UTC)
WORD: Mapping[Direction, Text] = {"read": Text("read", "読み取り"), "write": Text("write", "書き込み")}
LOAN = Text("; lent, and handed back when calm", "（一時的な引き上げ。落ち着いたら自動で元に戻す）")
BY_HAND = Text("; hand it back with the undo when calm", "（落ち着いたら取り消し手順で元に戻す）")


@dataclass(frozen=True, slots=True, kw_only=True)
class Raise:
    """New units for one or both directions of a table or index, and whatever makes it a person's decision."""

    runbook: str
    table: Table
    part: Throughput
    units: Mapping[Direction, int]
    doubts: tuple[Text, ...] = ()

    @property
    def where(self) -> str:
        """`portfolio-users` or `portfolio-users/by-mail`."""
        return f"{self.table.name}/{self.part.index}" if self.part.index else self.table.name


def plan_units(more: Raise, limits: Limits) -> Plan:
    """Provisioned units of the table or of one index, where nobody else owns them."""
    was = {d: more.part.units(d) for d in DIRECTIONS}
    cost = _cost_usd(more, {d: n - was[d] for d, n in more.units.items()}, limits)
    doubts = (*more.doubts, *_limits_passed(more, cost, limits), *_hard_to_hand_back(more.part))
    return Plan(
        runbook=more.runbook,
        cause=f"{more.runbook}.insufficient_capacity",
        fix="raise_capacity",
        title=_raised(more, {d: f"{was[d]} -> {n}" for d, n in more.units.items()}, limits),
        resource=Resource("table", more.table.own.arn),
        calls=(set_units(more.table, more.part, {**was, **more.units}),),
        before={units_name(more.part.index, d): str(was[d]) for d in more.units},
        after={units_name(more.part.index, d): str(n) for d, n in more.units.items()},
        undo=(set_units(more.table, more.part, was),),
        lease_s=limits.lease_s,
        response="ask" if doubts else "auto",
        ask_because=joined(doubts) if doubts else None,
        cost_per_month_usd=cost,
        keep=Text("ProvisionedThroughput of the AWS::DynamoDB::Table", "AWS::DynamoDB::Table の ProvisionedThroughput"),
    )


def set_units(table: Table, part: Throughput, units: Mapping[Direction, int]) -> Call:
    """The call that provisions so many units of both directions."""
    return _update(table, part, {"ProvisionedThroughput": _throughput(units["read"], units["write"])})


def plan_bounds(more: Raise, bounds: Bounds, limits: Limits) -> Plan:
    """Higher bounds, where Application Auto Scaling owns the units: what is set past it would not last."""
    units = more.units[bounds.direction]
    minimum, maximum = max(bounds.minimum, units), max(bounds.maximum, units)
    cost = _cost_usd(more, {bounds.direction: minimum - bounds.minimum}, limits)
    doubts = (*more.doubts, *_limits_passed(more, cost, limits))
    names = bounds_name(bounds, "Min"), bounds_name(bounds, "Max")
    span = f"{bounds.minimum}-{bounds.maximum} -> {minimum}-{maximum}"
    return Plan(
        runbook=more.runbook,
        cause=f"{more.runbook}.insufficient_capacity",
        fix="raise_capacity",
        title=Text("Autoscaling owns it: ", "Auto Scaling 管理のため範囲を変更: ")
        + _raised(more, {bounds.direction: span}, limits),
        resource=Resource("table", more.table.own.arn),
        calls=(set_bounds(bounds, minimum, maximum),),
        before=dict(zip(names, (str(bounds.minimum), str(bounds.maximum)), strict=True)),
        after=dict(zip(names, (str(minimum), str(maximum)), strict=True)),
        undo=(set_bounds(bounds, bounds.minimum, bounds.maximum),),
        lease_s=limits.lease_s,
        response="ask" if doubts else "auto",
        ask_because=joined(doubts) if doubts else None,
        cost_per_month_usd=cost,
        keep=Text(
            "MinCapacity and MaxCapacity of the AWS::ApplicationAutoScaling::ScalableTarget",
            "AWS::ApplicationAutoScaling::ScalableTarget の MinCapacity と MaxCapacity",
        ),
    )


def set_bounds(bounds: Bounds, minimum: int, maximum: int) -> Call:
    """The call that lets autoscaling keep the capacity between these bounds."""
    of = f"{'index' if bounds.index else 'table'}:{bounds.direction.capitalize()}CapacityUnits"
    return Call(
        action="application-autoscaling:RegisterScalableTarget",
        parameters={
            "ServiceNamespace": "dynamodb",
            "ResourceId": bounds.id,
            "ScalableDimension": f"dynamodb:{of}",
            "MinCapacity": minimum,
            "MaxCapacity": maximum,
        },
        arn=bounds.arn,
    )


def plan_on_demand(table: Table, because: tuple[Text, ...], runbook: str) -> Plan:
    """Billing by the request, so that no provisioning has to follow; back with the old units at any time."""
    back: dict[str, Any] = {
        "TableName": table.name,
        "BillingMode": "PROVISIONED",
        "ProvisionedThroughput": _throughput(table.own.read, table.own.write),
    }
    if table.indexes:
        back["GlobalSecondaryIndexUpdates"] = [
            {"Update": {"IndexName": i.index, "ProvisionedThroughput": _throughput(i.read, i.write)}}
            for i in table.indexes
        ]
    return Plan(
        runbook=runbook,
        cause=f"{runbook}.burst_traffic",
        fix="switch_to_on_demand",
        title=Text(f"Switch {table.name} to on-demand", f"{table.name} をオンデマンドモードに切り替え") + BY_HAND,
        resource=Resource("table", table.own.arn),
        calls=(
            Call(
                action="dynamodb:UpdateTable",
                parameters={"TableName": table.name, "BillingMode": ON_DEMAND},
                arn=table.own.arn,
            ),
        ),
        before={"BillingMode": table.billing},
        after={"BillingMode": ON_DEMAND},
        undo=(Call(action="dynamodb:UpdateTable", parameters=back, arn=table.own.arn),),
        response="ask",
        ask_because=joined(because),
        keep=Text("BillingMode of the AWS::DynamoDB::Table", "AWS::DynamoDB::Table の BillingMode"),
    )


def plan_on_demand_maximum(more: Raise, limits: Limits) -> Plan:
    """A higher configured maximum of a table or index that is billed by the request."""
    was = {d: n for d in DIRECTIONS if (n := more.part.maximum(d)) is not None}
    because = (
        Text(
            "somebody set this maximum to bound the cost; a higher one lets it rise in proportion",
            "この上限は費用を抑えるために設定されたもので、引き上げると費用も比例して増える可能性があります",
        ),
        *more.doubts,
    )
    return Plan(
        runbook=more.runbook,
        cause=f"{more.runbook}.on_demand_maximum",
        fix="raise_on_demand_maximum",
        title=_raised(
            more,
            {d: f"{was[d]} -> {n}" for d, n in more.units.items()},
            limits,
            Text("on-demand maximum", "オンデマンド上限"),
        ),
        resource=Resource("table", more.table.own.arn),
        calls=(set_maxima(more.table, more.part, {**was, **more.units}),),
        before={maximum_name(more.part.index, d): str(was[d]) for d in more.units},
        after={maximum_name(more.part.index, d): str(n) for d, n in more.units.items()},
        undo=(set_maxima(more.table, more.part, was),),
        lease_s=limits.lease_s,
        response="ask",
        ask_because=joined(because),
        keep=Text("OnDemandThroughput of the AWS::DynamoDB::Table", "AWS::DynamoDB::Table の OnDemandThroughput"),
    )


def set_maxima(table: Table, part: Throughput, maxima: Mapping[Direction, int]) -> Call:
    """The call that bounds what requests may use of an on-demand table or index."""
    named = {f"Max{d.capitalize()}RequestUnits": n for d, n in maxima.items()}
    return _update(table, part, {"OnDemandThroughput": named})


def plan_insights(table: Table, part: Throughput, status: Insights, runbook: str) -> Plan:
    """Contributor Insights for throttled keys only: it is billed by throttled events and changes no request."""
    where = f"{table.name}/{part.index}" if part.index else table.name
    return Plan(
        runbook=runbook,
        cause=f"{runbook}.hot_key",
        fix="watch_throttled_keys",
        title=Text(
            f"Turn on Contributor Insights (throttled keys) for {where}; it shows the keys and ends no throttling",
            f"{where} の Contributor Insights（スロットリングされたキー）を有効化（キーを特定するためのもので、スロットリング自体は解消しません）",
        ),
        resource=Resource("table", table.own.arn),
        calls=(_insights(table, part, "ENABLE", {"ContributorInsightsMode": "THROTTLED_KEYS"}),),
        before={insights_name(part.index): status.status},
        after={insights_name(part.index): "ENABLED"},
        undo=(_insights(table, part, "DISABLE", {}),),
        response="ask",
        ask_because=Text(
            "key values become readable in CloudWatch, and throttled events are billed",
            "キーの値が CloudWatch で閲覧可能になり、スロットリングされたイベント数に応じて課金されます",
        ),
        keep=Text(
            "ContributorInsightsSpecification of the AWS::DynamoDB::Table",
            "AWS::DynamoDB::Table の ContributorInsightsSpecification",
        ),
    )


def _insights(table: Table, part: Throughput, action: str, mode: Mapping[str, str]) -> Call:
    of_index = {"IndexName": part.index} if part.index else {}
    return Call(
        action="dynamodb:UpdateContributorInsights",
        parameters={"TableName": table.name, **of_index, "ContributorInsightsAction": action, **mode},
        arn=table.own.arn,
        also=(Grant("dynamodb:UpdateContributorInsights", part.arn),) if part.index else (),
    )


def _update(table: Table, part: Throughput, what: Mapping[str, Any]) -> Call:
    parameters: dict[str, Any] = {"TableName": table.name}
    if part.index:
        parameters["GlobalSecondaryIndexUpdates"] = [{"Update": {"IndexName": part.index, **what}}]
    else:
        parameters.update(what)
    return Call(action="dynamodb:UpdateTable", parameters=parameters, arn=table.own.arn)


def _throughput(read: int, write: int) -> Mapping[str, int]:
    return {"ReadCapacityUnits": read, "WriteCapacityUnits": write}


def _raised(more: Raise, spans: Mapping[Direction, str], limits: Limits, what: Text | None = None) -> Text:
    what = what or Text("capacity", "キャパシティ")
    each = joined(WORD[d] + Text(f" {what.en} {span}", f"{what.ja} {span}") for d, span in spans.items())
    return Text(f"Raise {more.where}: ", f"{more.where} を引き上げ: ") + each + (LOAN if limits.lease_s else BY_HAND)


def _cost_usd(more: Raise, added: Mapping[Direction, int], limits: Limits) -> float:
    hour_usd: Mapping[Direction, float] = {"read": limits.rcu_hour_usd, "write": limits.wcu_hour_usd}
    copies = 1 + len(more.table.replicas)
    return round(sum(n * hour_usd[d] for d, n in added.items()) * copies * HOURS_PER_MONTH, 2)


def _limits_passed(more: Raise, cost_usd: float, limits: Limits) -> tuple[Text, ...]:
    doubts: list[Text] = []
    if any(n > limits.capacity_ceiling_units for n in more.units.values()):
        most = limits.capacity_ceiling_units
        doubts.append(Text(f"it passes the ceiling of {most} units", f"設定上限の {most} ユニットを超えます"))
    if cost_usd > limits.cost_ceiling_usd_per_month:
        doubts.append(Text("it costs more a month than the ceiling allows", "月額の上限を超えます"))
    if more.table.table_class != "STANDARD":
        named = more.table.table_class
        doubts.append(
            Text(
                f"the price of table class {named} is not known here",
                f"テーブルクラス {named} の単価が設定にありません",
            )
        )
    if more.table.replicas:
        listed = ", ".join(more.table.replicas)
        doubts.append(
            Text(f"a global table changes in {listed} too", f"グローバルテーブルのため {listed} にも影響します")
        )
    return tuple(doubts)


def _hard_to_hand_back(part: Throughput) -> tuple[Text, ...]:
    if part.decreases_today < DECREASES_A_DAY:
        return ()
    spent = Text(
        f"it cannot be handed back today: {part.decreases_today} decreases were made",
        f"本日は引き下げをすでに {part.decreases_today} 回行っており、当日中に元へ戻せません",
    )
    return (spent,)
