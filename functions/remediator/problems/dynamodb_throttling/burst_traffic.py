"""Row `dynamodb_throttling.burst_traffic`.

The peak is far above the hour's own level and above what one step can follow.
"""

from ...core.plan import Decision
from ...core.ports import Permission
from ...core.runbook import Cause, Finding, Holds, RuledOut, Setting, writes
from ...core.text import Text
from ...resources.dynamodb.capacity_plans import plan_on_demand
from ...resources.dynamodb.change_limits import preconditions, switch_reasons_to_ask
from ...resources.dynamodb.model import burst
from .evidence import Evidence
from .facts import (
    ID,
    METRIC,
    TABLE,
    TABLE_ARN,
    demand_facts,
    hour_of,
    not_units,
    part_of,
    short_of_units,
    throttle_facts,
    weight,
)


def holds(e: Evidence, _: Setting) -> Finding:
    """The peak is far above the hour's own level and above what one step can follow."""
    short = short_of_units(e)
    if (against := not_units(e, short)) is not None:
        return against
    hour, units = hour_of(e, short[0]), part_of(e, short[0]).units(short[0].direction)
    if not burst(hour, units):
        text = f"{hour.peak_per_s:.1f} / {hour.median_per_s:.1f}"
        return RuledOut(
            Text(f"no sudden peak: {text} units/s, peak / median", f"急なピークなし: 最大 / 中央値 {text} ユニット/秒")
        )
    facts = (*throttle_facts(e, short, "provisioned"), *demand_facts(e, short[0]))
    return Holds(facts, weight=weight(short, "provisioned"))


@writes(
    Permission("dynamodb:UpdateTable", TABLE_ARN),
    does=Text("switches the table to on-demand after approval", "承認後にオンデマンドモードへ切り替え"),
)
def switch_to_on_demand(e: Evidence, setting: Setting) -> Decision:
    """Billing by the request, so that nothing has to follow the peak; a person decides, because the cost changes."""
    short = short_of_units(e)
    if (wait := preconditions(e.table.get(), short, "provisioned", setting)) is not None:
        return wait
    table = e.table.get()
    e.scaling.get()  # who owns the capacity must be known before any of it is changed
    because = Text(
        "the cost then follows the requests and has no upper bound",
        "リクエスト数に応じた課金となり、費用の上限がなくなります",
    )
    return plan_on_demand(table, (because, *switch_reasons_to_ask(table, setting.now)), ID)


CAUSE = Cause(
    id="burst_traffic",
    title=Text("burst traffic", "バーストトラフィック"),
    holds=holds,
    fixes=(switch_to_on_demand,),
    advice=Text(
        "Find out what made the peak; where it comes again, on-demand or a scheduled raise serves it.",
        "ピークの原因を調べてください。再発する場合は、オンデマンドまたはスケジュールによる増強が有効です。",
    ),
    confirm=Text(
        "The demand rose to several times the hour's level within minutes, and one step of capacity would not cover it.",
        "数分のうちに直近 1 時間の数倍まで需要が増え、1 段階の容量引き上げでは足りません。",
    ),
    look=(TABLE, METRIC.format(metric="Consumed<Read-or-Write>CapacityUnits")),
)
