"""Requests to a DynamoDB table or one of its indexes are throttled.

Guide: DynamoDB, throttling: capacity too low, hot key, burst traffic; and on-demand maximum, account limit.
May change: provisioned units of the table or one index, the bounds of their autoscaling, the billing mode, on-demand
maxima, Contributor Insights for throttled keys. Never: items, keys, indexes, tags; capacity that somebody unknown may
own; capacity for a hot key, which more capacity does not help.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ..aws.evidence import dynamodb
from ..core.dynamodb import (
    STEP_AT_MOST,
    THROTTLE_METRICS,
    Bounds,
    Direction,
    Flow,
    Insights,
    Load,
    Quotas,
    Table,
    burst,
    next_units,
)
from ..core.edge import Permission
from ..core.evidence import Reading, reading
from ..core.fixes.capacity import (
    Raise,
    plan_bounds,
    plan_insights,
    plan_on_demand,
    plan_on_demand_maximum,
    plan_units,
)
from ..core.model import Advise, Decision
from ..core.runbook import Cause, Finding, Holds, RuledOut, Runbook, Setting, writes
from ..core.service_view import Stack
from ..core.table_doubts import not_ours, quota_doubts, switch_doubts, why_not_now
from ..core.table_view import (
    about,
    demand_facts,
    holding_back,
    hour_of,
    image,
    mode,
    named,
    part_of,
    short_of_units,
    stack,
    throttle_facts,
    throttled,
    weight,
)
from ..core.text import Text
from ..core.throttle_advice import (
    _METRIC,
    _TABLE,
    ADVICE_ACCOUNT_LIMIT,
    ADVICE_HOT_KEY,
    AT_MAXIMUM,
    AT_QUOTA,
    key_commands,
    quota_commands,
)
from ..core.throttle_verdict import judge
from ..core.triggers import alarm_on

ID = "dynamodb_throttling"
TABLE_ARN = "arn:{partition}:dynamodb:{region}:{account}:table/*"
SCALABLE_TARGET_ARN = "arn:{partition}:application-autoscaling:{region}:{account}:scalable-target/*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is read before the diagnosis. How much is asked for (`load`) is not read again: it moves every minute."""

    table: Reading[Table] = reading(dynamodb.table, recheck=True)
    tags: Reading[Mapping[str, str]] = reading(dynamodb.tags, recheck=True)
    throttles: Reading[tuple[Flow, ...]] = reading(dynamodb.throttles, recheck=True)
    load: Reading[tuple[Load, ...]] = reading(dynamodb.load)
    quotas: Reading[Quotas] = reading(dynamodb.quotas)
    insights: Reading[tuple[Insights, ...]] = reading(dynamodb.insights, recheck=True)
    stack: Reading[Stack] = reading(dynamodb.stack)
    other_throttles: Reading[tuple[Flow, ...]] = reading(dynamodb.other_throttles, after=("table",), recheck=True)
    other_load: Reading[tuple[Load, ...]] = reading(dynamodb.other_load, after=("table",))
    scaling: Reading[tuple[Bounds, ...]] = reading(dynamodb.scaling, after=("table",), recheck=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """What is read to prove a fix: whether requests are served, and whether any is still refused."""

    table: Reading[Table] = reading(dynamodb.table)
    throttles: Reading[tuple[Flow, ...]] = reading(dynamodb.throttles)
    other_throttles: Reading[tuple[Flow, ...]] = reading(dynamodb.other_throttles, after=("table",))


# -- causes: the guide's rows ------------------------------------------------------------------------------------------


def insufficient_capacity(e: Evidence, _: Setting) -> Finding:
    """Provisioned units are short, and what is asked for is near enough for one step."""
    short = short_of_units(e)
    if (against := _not_units(e, short)) is not None:
        return against
    if burst(hour_of(e, short[0]), part_of(e, short[0]).units(short[0].direction)):
        return RuledOut(Text("the peak is beyond one step: a burst", "ピークが 1 段階の引き上げを超えるバーストです"))
    facts = (*throttle_facts(e, short, "provisioned"), *demand_facts(e, short[0]))
    return Holds(facts, weight=weight(short, "provisioned"))


def burst_traffic(e: Evidence, _: Setting) -> Finding:
    """The peak is far above the hour's own level and above what one step can follow."""
    short = short_of_units(e)
    if (against := _not_units(e, short)) is not None:
        return against
    hour, units = hour_of(e, short[0]), part_of(e, short[0]).units(short[0].direction)
    if not burst(hour, units):
        told = f"{hour.peak_per_s:.1f} / {hour.median_per_s:.1f}"
        return RuledOut(
            Text(f"no sudden peak: {told} units/s, peak / median", f"急なピークなし: 最大 / 中央値 {told} ユニット/秒")
        )
    facts = (*throttle_facts(e, short, "provisioned"), *demand_facts(e, short[0]))
    return Holds(facts, weight=weight(short, "provisioned"))


def _not_units(e: Evidence, short: tuple[Flow, ...]) -> RuledOut | None:
    if short:
        on_demand = e.table.get().on_demand
        return (
            RuledOut(Text("the table is on demand now", "テーブルは現在オンデマンドモードです")) if on_demand else None
        )
    if not throttled(e, "provisioned"):
        return RuledOut(Text("no request exceeded provisioned capacity", "プロビジョニング容量の超過はありません"))
    if indexes := holding_back(e):
        which = ", ".join(indexes)
        return RuledOut(
            Text(
                f"throttled writes of {which} hold the table back", f"{which} の書き込み制限がテーブルに波及しています"
            )
        )
    return RuledOut(
        Text("a hot key is throttled at least as often", "ホットキーによるスロットリングが同数以上あります")
    )


def hot_key(e: Evidence, _: Setting) -> Finding:
    """One partition takes more than a partition can serve, however much the table has."""
    hot = throttled(e, "key_range")
    if not hot:
        return RuledOut(Text("no key range was throttled", "キー範囲のスロットリングはありません"))
    facts = list(throttle_facts(e, hot, "key_range"))
    if known := e.insights.or_none():
        told = ", ".join(f"{i.index or 'table'}: {i.status}" for i in known)
        facts.append(e.insights.fact(Text("Contributor Insights", "Contributor Insights の状態"), told))
    return Holds(tuple(facts), weight=weight(hot, "key_range"))


def on_demand_maximum(e: Evidence, _: Setting) -> Finding:
    """A maximum that somebody configured for an on-demand table or index was reached."""
    reached = throttled(e, "max_on_demand")
    if not reached:
        return RuledOut(Text("no on-demand maximum was reached", "オンデマンド上限には達していません"))
    facts = list(throttle_facts(e, reached, "max_on_demand"))
    if (table := e.table.or_none()) and (part := table.part(reached[0].index)):
        label = Text("configured maximum: ", "設定された上限: ") + named(reached[0])
        facts.append(e.table.fact(label, str(part.maximum(reached[0].direction) or "none")))
    return Holds(tuple(facts), weight=weight(reached, "max_on_demand"))


def account_limit(e: Evidence, _: Setting) -> Finding:
    """A quota of the account was reached."""
    reached = throttled(e, "account_limit")
    if not reached:
        return RuledOut(Text("no account quota was reached", "アカウントのクォータには達していません"))
    facts = list(throttle_facts(e, reached, "account_limit"))
    if quotas := e.quotas.or_none():
        way = reached[0].direction
        told = f"{quotas.of_table(way)} / {quotas.of_account(way)}"
        facts.append(e.quotas.fact(Text("quota of one table / of all", "クォータ: 1 テーブル / アカウント全体"), told))
    return Holds(tuple(facts), weight=weight(reached, "account_limit"))


# -- fixes -------------------------------------------------------------------------------------------------------------


@writes(
    Permission("dynamodb:UpdateTable", TABLE_ARN),
    Permission("application-autoscaling:RegisterScalableTarget", SCALABLE_TARGET_ARN),
    does=Text(
        "raises provisioned capacity, or the bounds where autoscaling owns it, by one step (asks above the limits)",
        "プロビジョニング容量（Auto Scaling 管理の場合はその範囲）を 1 段階引き上げる（上限を超える場合は承認を求める）",
    ),
)
def raise_capacity(e: Evidence, setting: Setting) -> Decision:
    """One step up for what is throttled most: an index before the table that it holds back."""
    short = short_of_units(e)
    if (wait := why_not_now(e.table.get(), short, "provisioned", setting)) is not None:
        return wait
    worst, limits = short[0], setting.settings.limits
    owned = {(b.index, b.direction): b for b in e.scaling.get()}
    bounds = owned.get((worst.index, worst.direction))
    raised = (
        (worst,)
        if bounds
        else tuple(f for f in short if f.index == worst.index and (f.index, f.direction) not in owned)
    )
    more = Raise(
        runbook=ID,
        table=e.table.get(),
        part=part_of(e, worst),
        units={f.direction: n for f in raised if (n := _next_units(e, f))},
        doubts=quota_doubts(e.quotas),
    )
    if worst.direction not in more.units:
        return Advise(AT_QUOTA, quota_commands(e, short))
    if bounds is None:
        return plan_units(more, limits)
    return not_ours(bounds) or plan_bounds(more, bounds, limits)


def _next_units(e: Evidence, flow: Flow) -> int | None:
    units, quotas = part_of(e, flow).units(flow.direction), e.quotas.or_none()
    at_most = quotas.of_table(flow.direction) if quotas else STEP_AT_MOST * units
    return next_units(units, hour_of(e, flow).wanted_per_s, at_most)


@writes(
    Permission("dynamodb:UpdateTable", TABLE_ARN),
    does=Text("switches the table to on-demand after approval", "承認後にオンデマンドモードへ切り替え"),
)
def switch_to_on_demand(e: Evidence, setting: Setting) -> Decision:
    """Billing by the request, so that nothing has to follow the peak; a person decides, because the cost changes."""
    short = short_of_units(e)
    if (wait := why_not_now(e.table.get(), short, "provisioned", setting)) is not None:
        return wait
    table = e.table.get()
    e.scaling.get()  # who owns the capacity must be known before any of it is changed
    because = Text(
        "the cost then follows the requests and has no upper bound",
        "リクエスト数に応じた課金となり、費用の上限がなくなります",
    )
    return plan_on_demand(table, (because, *switch_doubts(table, setting.now)), ID)


@writes(
    Permission("dynamodb:UpdateContributorInsights", TABLE_ARN),
    does=Text(
        "turns on Contributor Insights (throttled keys) after approval",
        "承認後に Contributor Insights（スロットリングキー）を有効化",
    ),
)
def watch_throttled_keys(e: Evidence, _: Setting) -> Decision:
    """Contributor Insights where it is off, else the commands that show the keys."""
    worst, table = throttled(e, "key_range")[0], e.table.get()
    part = part_of(e, worst)
    status = next((i for i in e.insights.get() if i.index == worst.index), None)
    if status and status.status == "DISABLED":
        return plan_insights(table, part, status, ID)
    return Advise(ADVICE_HOT_KEY, key_commands(table, worst.index, status))


@writes(
    Permission("dynamodb:UpdateTable", TABLE_ARN),
    does=Text("doubles the on-demand maximum after approval", "承認後にオンデマンド上限を 2 倍に引き上げ"),
)
def raise_on_demand_maximum(e: Evidence, setting: Setting) -> Decision:
    """Twice the configured maximum, within what AWS allows a table."""
    flows = throttled(e, "max_on_demand")
    if (wait := why_not_now(e.table.get(), flows, "max_on_demand", setting)) is not None:
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
        Raise(runbook=ID, table=e.table.get(), part=part, units=units, doubts=quota_doubts(e.quotas)),
        setting.settings.limits,
    )


@writes(does=Text("tells the quota request", "クォータ引き上げの申請方法を通知"))
def request_quota(e: Evidence, _: Setting) -> Decision:
    """The request that a person makes; AWS decides on it."""
    return Advise(ADVICE_ACCOUNT_LIMIT, quota_commands(e, throttled(e, "account_limit")))


INSUFFICIENT_CAPACITY_ROW = Cause(
    id="insufficient_capacity",
    title=Text("provisioned capacity too low", "プロビジョニング容量の不足"),
    holds=insufficient_capacity,
    fixes=(raise_capacity,),
    advice=Text(
        "Compare consumed with provisioned capacity over a week; then set capacity or autoscaling bounds in the template.",
        "1 週間の消費量とプロビジョニング容量を比較し、テンプレートで容量または Auto Scaling の範囲を設定してください。",
    ),
    confirm=Text(
        "ReadProvisionedThroughputThrottleEvents or its Write counterpart counts, and what was consumed reaches what is "
        "provisioned, minute by minute, for the table or that index.",
        "ReadProvisionedThroughputThrottleEvents（または Write 側）が発生し、テーブルまたは該当インデックスの消費量が"
        "分単位でプロビジョニング値に達しています。",
    ),
    look=(
        _TABLE,
        _METRIC.format(metric="<Read-or-Write>ProvisionedThroughputThrottleEvents"),
        _METRIC.format(metric="Consumed<Read-or-Write>CapacityUnits"),
        "aws application-autoscaling describe-scalable-targets --service-namespace dynamodb --resource-ids table/<table>",
    ),
)

HOT_KEY_ROW = Cause(
    id="hot_key",
    title=Text("hot partition key", "ホットキー"),
    holds=hot_key,
    fixes=(watch_throttled_keys,),
    advice=ADVICE_HOT_KEY,
    confirm=Text(
        "ReadKeyRangeThroughputThrottleEvents or its Write counterpart counts although the table has capacity left; "
        "Contributor Insights names one key far ahead of the others.",
        "テーブルの容量に余裕があるのに ReadKeyRangeThroughputThrottleEvents（または Write 側）が発生し、"
        "Contributor Insights で 1 つのキーが突出しています。",
    ),
    look=(
        _METRIC.format(metric="<Read-or-Write>KeyRangeThroughputThrottleEvents"),
        "aws dynamodb describe-contributor-insights --table-name <table>",
    ),
)

BURST_TRAFFIC_ROW = Cause(
    id="burst_traffic",
    title=Text("burst traffic", "バーストトラフィック"),
    holds=burst_traffic,
    fixes=(switch_to_on_demand,),
    advice=Text(
        "Find out what made the peak; where it comes again, on-demand or a scheduled raise serves it.",
        "ピークの原因を調べてください。再発する場合は、オンデマンドまたはスケジュールによる増強が有効です。",
    ),
    confirm=Text(
        "The demand rose to several times the hour's level within minutes, and one step of capacity would not cover it.",
        "数分のうちに直近 1 時間の数倍まで需要が増え、1 段階の容量引き上げでは足りません。",
    ),
    look=(_TABLE, _METRIC.format(metric="Consumed<Read-or-Write>CapacityUnits")),
)

ON_DEMAND_MAXIMUM_ROW = Cause(
    id="on_demand_maximum",
    title=Text("on-demand maximum reached", "オンデマンド上限に到達"),
    holds=on_demand_maximum,
    fixes=(raise_on_demand_maximum,),
    advice=Text(
        "Decide whether the maximum still fits: it was set to bound the cost.",
        "上限値が現状に合っているか判断してください。費用を抑えるために設定された値です。",
    ),
    confirm=Text(
        "The table is on demand, a maximum is configured, and MaxOnDemandThroughputThrottleEvents of that direction counts.",
        "オンデマンドのテーブルに上限が設定され、その方向の MaxOnDemandThroughputThrottleEvents が発生しています。",
    ),
    look=(_TABLE, _METRIC.format(metric="<Read-or-Write>MaxOnDemandThroughputThrottleEvents")),
)

ACCOUNT_LIMIT_ROW = Cause(
    id="account_limit",
    title=Text("account quota reached", "アカウントのクォータに到達"),
    holds=account_limit,
    fixes=(request_quota,),
    advice=ADVICE_ACCOUNT_LIMIT,
    confirm=Text(
        "AccountLimitThrottleEvents of that direction counts, while no maximum of the table's own is reached.",
        "テーブル自身の上限には達しておらず、その方向の AccountLimitThrottleEvents が発生しています。",
    ),
    look=(
        _METRIC.format(metric="<Read-or-Write>AccountLimitThrottleEvents"),
        "aws dynamodb describe-limits",
    ),
)

TRIGGERS = (alarm_on("AWS/DynamoDB", *THROTTLE_METRICS),)
RUNBOOK = Runbook(
    id=ID,
    title=Text("DynamoDB requests are throttled", "DynamoDB のリクエストがスロットリングされている"),
    symptom=Text("requests are refused for exceeding throughput", "スループット超過によりリクエストが拒否されている"),
    guide="DynamoDB: throttling",
    triggers=TRIGGERS,
    evidence=Evidence,
    causes=(INSUFFICIENT_CAPACITY_ROW, HOT_KEY_ROW, BURST_TRAFFIC_ROW, ON_DEMAND_MAXIMUM_ROW, ACCOUNT_LIMIT_ROW),
    outcome=After,
    judge=judge,
    mode=mode,
    image=image,
    about=about,
    stack=stack,
)
