"""Row `dynamodb_throttling.on_demand_maximum`.

A maximum that somebody configured for an on-demand table or index was reached.
"""

from ...core.plan import Advise, Decision
from ...core.ports import Permission
from ...core.runbook import Cause, Finding, Holds, RuledOut, Setting, writes
from ...core.text import Text
from ...resources.dynamodb.capacity_plans import Raise, plan_on_demand_maximum
from ...resources.dynamodb.change_limits import preconditions, quota_reasons_to_ask
from ...resources.dynamodb.model import STEP_AT_MOST
from ...resources.dynamodb.throttle_metrics import Direction
from .evidence import Evidence
from .facts import ID, METRIC, TABLE, TABLE_ARN, named, part_of, quota_commands, throttle_facts, throttled, weight

AT_MAXIMUM = Text("No maximum can be raised any more.", "引き上げ可能な上限がありません。")


def holds(e: Evidence, _: Setting) -> Finding:
    """A maximum that somebody configured for an on-demand table or index was reached."""
    reached = throttled(e, "max_on_demand")
    if not reached:
        return RuledOut(Text("no on-demand maximum was reached", "オンデマンド上限には達していません"))
    facts = list(throttle_facts(e, reached, "max_on_demand"))
    if (table := e.table.or_none()) and (part := table.part(reached[0].index)):
        label = Text("configured maximum: ", "設定された上限: ") + named(reached[0])
        facts.append(e.table.fact(label, str(part.maximum(reached[0].direction) or "none")))
    return Holds(tuple(facts), weight=weight(reached, "max_on_demand"))


@writes(
    Permission("dynamodb:UpdateTable", TABLE_ARN),
    does=Text("doubles the on-demand maximum after approval", "承認後にオンデマンド上限を 2 倍に引き上げ"),
)
def raise_on_demand_maximum(e: Evidence, setting: Setting) -> Decision:
    """Twice the configured maximum, within what AWS allows a table."""
    flows = throttled(e, "max_on_demand")
    if (wait := preconditions(e.table.get(), flows, "max_on_demand", setting)) is not None:
        return wait
    part, quotas = part_of(e, flows[0]), e.quotas.or_none()
    units: dict[Direction, int] = {}
    for flow in (f for f in flows if f.index == flows[0].index):
        now = part.maximum(flow.direction)
        twice = min(STEP_AT_MOST * (now or 0), quotas.of_table(flow.direction) if quotas else STEP_AT_MOST * (now or 0))
        if now and twice > now:
            units[flow.direction] = twice
    if not units:
        return Advise(AT_MAXIMUM, quota_commands(e, flows))
    return plan_on_demand_maximum(
        Raise(runbook=ID, table=e.table.get(), part=part, units=units, doubts=quota_reasons_to_ask(e.quotas)),
        setting.settings.limits,
    )


CAUSE = Cause(
    id="on_demand_maximum",
    title=Text("on-demand maximum reached", "オンデマンド上限に到達"),
    holds=holds,
    fixes=(raise_on_demand_maximum,),
    advice=Text(
        "Decide whether the maximum still fits: it was set to bound the cost.",
        "上限値が現状に合っているか判断してください。費用を抑えるために設定された値です。",
    ),
    confirm=Text(
        "The table is on demand, a maximum is configured, and MaxOnDemandThroughputThrottleEvents of that direction counts.",
        "オンデマンドのテーブルに上限が設定され、その方向の MaxOnDemandThroughputThrottleEvents が発生しています。",
    ),
    look=(TABLE, METRIC.format(metric="<Read-or-Write>MaxOnDemandThroughputThrottleEvents")),
)
