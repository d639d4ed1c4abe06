"""Requests to a DynamoDB table or one of its indexes are throttled.

Guide: DynamoDB, throttling: capacity too low, hot key, burst traffic; and on-demand maximum, account limit.
May change: provisioned units of the table or one index, the bounds of their autoscaling, the billing mode, on-demand
maxima, Contributor Insights for throttled keys. Never: items, keys, indexes, tags; capacity that somebody unknown may
own; capacity for a hot key, which more capacity does not help.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ..aws.evidence import dynamodb
from ..core.clocks import seconds_between
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
    ThrottleCause,
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
from ..core.model import Advise, Decision, Watch
from ..core.runbook import Cause, Finding, Holds, RuledOut, Runbook, Setting, writes
from ..core.service_view import Stack
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
from ..core.throttle_verdict import judge
from ..core.triggers import alarm_on

ID = "dynamodb_throttling"
TABLE_ARN = "arn:{partition}:dynamodb:{region}:{account}:table/*"
SCALABLE_TARGET_ARN = "arn:{partition}:application-autoscaling:{region}:{account}:scalable-target/*"
WATCH_S = 900  # guide, emergency flow step 2: first response within 15 minutes
MINUTES_AT_LEAST = 2  # ours: SDKs send a throttled request again, so one bad minute alone harms nobody
ENDED_AFTER_S = 300  # ours: CloudWatch is up to two minutes late; five without an event are an end
SWITCHES_WITHIN_S = 24 * 3600  # AWS, DynamoDB constraints: four switches to on-demand in a rolling 24 hours

# Service Quotas' codes of DynamoDB: throughput of one on-demand table, of all provisioned tables together.
TABLE_QUOTA: Mapping[Direction, str] = {"read": "L-CF0CBE56", "write": "L-AB614373"}
ACCOUNT_QUOTA: Mapping[Direction, str] = {"read": "L-34F6A552", "write": "L-34F8CCC8"}


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


def _not_now(e: Evidence, flows: tuple[Flow, ...], cause: ThrottleCause, setting: Setting) -> Decision | None:
    """Why nothing is changed (yet); None where the table can be changed and the throttling goes on."""
    table = e.table.get()
    if table.status == "DELETING":
        return Advise(Text("The table is being deleted.", "テーブルは削除中です。"), final=True)
    if table.busy:
        return Watch(
            Text("AWS is changing the table already; watching.", "テーブルは変更処理中のため、監視します。"), WATCH_S
        )
    if table.status != "ACTIVE":
        return Advise(Text(f"The table is {table.status}.", f"テーブルの状態は {table.status} です。"))
    minutes = {m.at: m.ends_at for f in flows for m in f.of(cause)}
    if len(minutes) < MINUTES_AT_LEAST:
        return Watch(
            Text(
                "Throttled in one minute only so far; watching.", "スロットリングはまだ 1 分間のみのため、監視します。"
            ),
            WATCH_S,
        )
    if seconds_between(max(minutes.values()), setting.now) > ENDED_AFTER_S:
        return Watch(
            Text("The throttling seems to have ended; watching.", "スロットリングは収まったようです。監視を続けます。"),
            WATCH_S,
        )
    return None


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
    if (wait := _not_now(e, short, "provisioned", setting)) is not None:
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
        doubts=_quota_doubts(e),
    )
    if worst.direction not in more.units:
        return Advise(
            Text("The table is at its quota: see the command.", "テーブルのクォータに達しています。"),
            _quota_commands(e, short),
        )
    if bounds is None:
        return plan_units(more, limits)
    return _not_ours(bounds) or plan_bounds(more, bounds, limits)


def _next_units(e: Evidence, flow: Flow) -> int | None:
    units, quotas = part_of(e, flow).units(flow.direction), e.quotas.or_none()
    at_most = quotas.of_table(flow.direction) if quotas else STEP_AT_MOST * units
    return next_units(units, hour_of(e, flow).wanted_per_s, at_most)


def _quota_doubts(e: Evidence) -> tuple[Text, ...]:
    if e.quotas.or_none():
        return ()
    return (Text(f"quotas could not be checked ({e.quotas.gap})", f"クォータを確認できません（{e.quotas.gap}）"),)


def _not_ours(bounds: Bounds) -> Advise | None:
    if bounds.held:
        return Advise(
            Text(
                "Somebody suspended scaling out of this capacity: ask them before its bounds are raised.",
                "スケールアウトが停止されています。範囲を変更する前に、停止した担当者に確認してください。",
            )
        )
    if not bounds.arn:
        return Advise(
            Text("AWS names no ARN of the scalable target.", "スケーラブルターゲットの ARN を取得できません。")
        )
    return None


@writes(
    Permission("dynamodb:UpdateTable", TABLE_ARN),
    does=Text("switches the table to on-demand after approval", "承認後にオンデマンドモードへ切り替え"),
)
def switch_to_on_demand(e: Evidence, setting: Setting) -> Decision:
    """Billing by the request, so that nothing has to follow the peak; a person decides, because the cost changes."""
    short = short_of_units(e)
    if (wait := _not_now(e, short, "provisioned", setting)) is not None:
        return wait
    table = e.table.get()
    e.scaling.get()  # who owns the capacity must be known before any of it is changed
    because = [
        Text(
            "the cost then follows the requests and has no upper bound",
            "リクエスト数に応じた課金となり、費用の上限がなくなります",
        )
    ]
    if table.on_demand_since and seconds_between(table.on_demand_since, setting.now) < SWITCHES_WITHIN_S:
        at = table.on_demand_since
        because.append(
            Text(
                f"it was switched at {at}, and AWS allows four in 24 hours",
                f"{at} にも切り替えており、24 時間に 4 回までです",
            )
        )
    return plan_on_demand(table, tuple(because), ID)


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
    if status is None:
        index = f" --index-name {worst.index}"
        return Advise(
            ADVICE["hot_key"], (f"aws dynamodb describe-contributor-insights --table-name {table.name}{index}",)
        )
    if status.status == "DISABLED":
        return plan_insights(table, part, status, ID)
    return Advise(
        ADVICE["hot_key"], tuple(_report(rule) for rule in status.rules if "-PKT-" in rule or "-SKT-" in rule)
    )


def _report(rule: str) -> str:
    window = "--start-time $(date -u -d '-1 hour' +%FT%TZ) --end-time $(date -u +%FT%TZ) --period 60"
    return f"aws cloudwatch get-insight-rule-report --rule-name {rule} {window} --max-contributor-count 10"


@writes(
    Permission("dynamodb:UpdateTable", TABLE_ARN),
    does=Text("doubles the on-demand maximum after approval", "承認後にオンデマンド上限を 2 倍に引き上げ"),
)
def raise_on_demand_maximum(e: Evidence, setting: Setting) -> Decision:
    """Twice the configured maximum, within what AWS allows a table."""
    flows = throttled(e, "max_on_demand")
    if (wait := _not_now(e, flows, "max_on_demand", setting)) is not None:
        return wait
    part, quotas = part_of(e, flows[0]), e.quotas.or_none()
    units: dict[Direction, int] = {}
    for flow in (f for f in flows if f.index == flows[0].index):
        now = part.maximum(flow.direction)
        twice = min(STEP_AT_MOST * (now or 0), quotas.of_table(flow.direction) if quotas else STEP_AT_MOST * (now or 0))
        if now and twice > now:
            units[flow.direction] = twice
    if not units:
        return Advise(
            Text("No maximum can be raised any more.", "引き上げ可能な上限がありません。"), _quota_commands(e, flows)
        )
    return plan_on_demand_maximum(
        Raise(runbook=ID, table=e.table.get(), part=part, units=units, doubts=_quota_doubts(e))
    )


@writes(does=Text("tells the quota request", "クォータ引き上げの申請方法を通知"))
def request_quota(e: Evidence, _: Setting) -> Decision:
    """The request that a person makes; AWS decides on it."""
    return Advise(ADVICE["account_limit"], _quota_commands(e, throttled(e, "account_limit")))


def _quota_commands(e: Evidence, flows: tuple[Flow, ...]) -> tuple[str, ...]:
    table, quotas = e.table.or_none(), e.quotas.or_none()
    if table is None or quotas is None:
        return ("aws service-quotas list-service-quotas --service-code dynamodb",)
    ways = dict.fromkeys(f.direction for f in flows)
    codes = {d: TABLE_QUOTA[d] if table.on_demand else ACCOUNT_QUOTA[d] for d in ways}
    most = {d: quotas.of_table(d) if table.on_demand else quotas.of_account(d) for d in ways}
    request = "aws service-quotas request-service-quota-increase --service-code dynamodb"
    return tuple(f"{request} --quota-code {codes[d]} --desired-value {2 * most[d]}" for d in ways)


ADVICE = {
    "insufficient_capacity": Text(
        "Compare consumed with provisioned capacity over a week; then set capacity or autoscaling bounds in the template.",
        "1 週間の消費量とプロビジョニング容量を比較し、テンプレートで容量または Auto Scaling の範囲を設定してください。",
    ),
    "hot_key": Text(
        "Spread the load over more partition keys (a suffix, a cache before the table); more capacity does not help one key.",
        "パーティションキーを分散してください（サフィックスの付与や前段のキャッシュなど）。容量を増やしても単一キーの制限は解消しません。",
    ),
    "burst_traffic": Text(
        "Find out what made the peak; where it comes again, on-demand or a scheduled raise serves it.",
        "ピークの原因を調べてください。再発する場合は、オンデマンドまたはスケジュールによる増強が有効です。",
    ),
    "on_demand_maximum": Text(
        "Decide whether the maximum still fits: it was set to bound the cost.",
        "上限値が現状に合っているか判断してください。費用を抑えるために設定された値です。",
    ),
    "account_limit": Text(
        "Request a higher quota; AWS decides on it. Until then, slow down what can wait.",
        "クォータの引き上げを申請してください（承認は AWS が行います）。それまでは後回しにできる処理を抑えます。",
    ),
}

RUNBOOK = Runbook(
    id=ID,
    title=Text("DynamoDB requests are throttled", "DynamoDB のリクエストがスロットリングされている"),
    symptom=Text("requests are refused for exceeding throughput", "スループット超過によりリクエストが拒否されている"),
    guide="DynamoDB: throttling",
    triggers=(alarm_on("AWS/DynamoDB", *THROTTLE_METRICS),),
    evidence=Evidence,
    causes=(
        Cause(
            id="insufficient_capacity",
            title=Text("provisioned capacity too low", "プロビジョニング容量の不足"),
            holds=insufficient_capacity,
            advice=ADVICE["insufficient_capacity"],
            fixes=(raise_capacity,),
        ),
        Cause(
            id="hot_key",
            title=Text("hot partition key", "ホットキー"),
            holds=hot_key,
            advice=ADVICE["hot_key"],
            fixes=(watch_throttled_keys,),
        ),
        Cause(
            id="burst_traffic",
            title=Text("burst traffic", "バーストトラフィック"),
            holds=burst_traffic,
            advice=ADVICE["burst_traffic"],
            fixes=(switch_to_on_demand,),
        ),
        Cause(
            id="on_demand_maximum",
            title=Text("on-demand maximum reached", "オンデマンド上限に到達"),
            holds=on_demand_maximum,
            advice=ADVICE["on_demand_maximum"],
            fixes=(raise_on_demand_maximum,),
        ),
        Cause(
            id="account_limit",
            title=Text("account quota reached", "アカウントのクォータに到達"),
            holds=account_limit,
            advice=ADVICE["account_limit"],
            fixes=(request_quota,),
        ),
    ),
    outcome=After,
    judge=judge,
    mode=mode,
    image=image,
    about=about,
    stack=stack,
)
