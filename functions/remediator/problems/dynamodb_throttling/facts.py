"""What the readings say of a throttled table: which part, which direction, demand and capacity; pre-image."""

from collections.abc import Mapping

from ...core.evidence import Reading, Unchecked
from ...core.model import Fact
from ...core.runbook import RuledOut
from ...core.text import Text
from ...resources.dynamodb.capacity_plans import WORD
from ...resources.dynamodb.model import Flow, Load, Table, Throughput, values
from ...resources.dynamodb.throttle_metrics import Direction, ThrottleCause
from .evidence import Evidence

# Service Quotas' codes of DynamoDB: throughput of one on-demand table, of all provisioned tables together.
TABLE_QUOTA: Mapping[Direction, str] = {"read": "L-CF0CBE56", "write": "L-AB614373"}
ACCOUNT_QUOTA: Mapping[Direction, str] = {"read": "L-34F6A552", "write": "L-34F8CCC8"}
TABLE = (
    "aws dynamodb describe-table --table-name <table> "
    "--query 'Table.[BillingModeSummary,ProvisionedThroughput,OnDemandThroughput,GlobalSecondaryIndexes]'"
)
METRIC = (
    "aws cloudwatch get-metric-statistics --namespace AWS/DynamoDB --metric-name {metric} "
    "--dimensions Name=TableName,Value=<table> --statistics Sum --period 60 --start-time <start> --end-time <end>"
)
ID = "dynamodb_throttling"
TABLE_ARN = "arn:{partition}:dynamodb:{region}:{account}:table/*"


def flows_of(e: Evidence) -> tuple[Flow, ...]:
    """Every flow of the table and of all its indexes; a gap in either reading is a gap."""
    return (*e.throttles.get(), *e.other_throttles.get())


def throttled(e: Evidence, cause: ThrottleCause) -> tuple[Flow, ...]:
    """Where requests were throttled for `cause`, the worst first; what could not be read never counts as none."""
    known = (*(e.throttles.or_none() or ()), *(e.other_throttles.or_none() or ()))
    found = sorted((f for f in known if f.events(cause)), key=lambda f: -f.events(cause))
    if not found:
        _refuse_unexplained(flows_of(e))
    return tuple(found)


def _refuse_unexplained(flows: tuple[Flow, ...]) -> None:
    bad = [f for f in flows if f.bad]
    if bad and not any(f.of(cause) for f in bad for cause in f.by_cause):  # type: ignore[arg-type]  # keys are causes
        raise Unchecked("requests are throttled, and CloudWatch gives no metric that says why")


def short_of_units(e: Evidence) -> tuple[Flow, ...]:
    """Where capacity itself is short, the worst first: neither a hot key's doing nor an index's that holds it back."""
    held_back = holding_back(e)  # needs every reading: an index that was not looked at may be what holds it back
    return tuple(
        f
        for f in throttled(e, "provisioned")
        if f.events("provisioned") > f.events("key_range")
        and not (held_back and not f.index and f.direction == "write")
    )


def holding_back(e: Evidence) -> tuple[str, ...]:
    """Indexes whose throttled writes hold the table's writes back (AWS: a write waits for every index)."""
    return tuple(f.index for f in flows_of(e) if f.index and f.direction == "write" and f.bad)


def part_of(e: Evidence, flow: Flow) -> Throughput:
    """The table itself or the index that `flow` is about."""
    part = e.table.get().part(flow.index)
    if part is None:
        raise Unchecked(f"index {flow.index} is gone")
    return part


def hour_of(e: Evidence, flow: Flow) -> Load:
    """The last hour of the same table or index and direction."""
    known = e.load.get() if any(_same(f, flow) for f in e.load.get()) else e.other_load.get()
    found = next((f for f in known if _same(f, flow)), None)
    if found is None or not found.datapoints:
        raise Unchecked(f"consumed capacity of {named(flow).en} in the last hour: no datapoint")
    return found


def _same(one: Flow | Load, other: Flow) -> bool:
    return (one.index, one.direction) == (other.index, other.direction)


def named(flow: Flow | Load) -> Text:
    """`index by-mail, write`."""
    where = (
        Text(f"index {flow.index}, ", f"インデックス {flow.index} の") if flow.index else Text("table, ", "テーブルの")
    )
    return where + WORD[flow.direction]


def throttle_facts(e: Evidence, flows: tuple[Flow, ...], cause: ThrottleCause) -> tuple[Fact, ...]:
    """How often each was throttled for `cause`."""
    label = Text("throttled requests, 15 min: ", "スロットリング数（15 分）: ")
    return tuple((_read_of(e, f)).fact(label + named(f), str(f.events(cause))) for f in flows)


def _read_of(e: Evidence, flow: Flow) -> Reading[tuple[Flow, ...]]:
    return e.throttles if any(_same(f, flow) for f in e.throttles.or_none() or ()) else e.other_throttles


def demand_facts(e: Evidence, flow: Flow) -> tuple[Fact, ...]:
    """What was consumed against what is provisioned."""
    hour, units = hour_of(e, flow), part_of(e, flow).units(flow.direction)
    consumed = f"{hour.peak_per_s:.1f} / {hour.median_per_s:.1f} / {units}"
    label = Text(
        "consumed a second, peak / median of the hour / provisioned",
        "消費（毎秒）最大 / 1 時間の中央値 / プロビジョニング",
    )
    return (e.load.fact(label, consumed),)


def weight(flows: tuple[Flow, ...], cause: ThrottleCause) -> float:
    """How often requests were throttled for `cause`: the row seen most is acted on."""
    return float(sum(f.events(cause) for f in flows))


def current_values(e: Evidence) -> Mapping[str, str]:
    """What plans replace, as it is now."""
    return values(e.table.get(), e.scaling.or_none() or (), e.insights.or_none() or ())


def situation(e: Evidence) -> tuple[Fact, ...]:
    """Since when, how much is refused, what is consumed of what there is, and who owns it."""
    facts: list[Fact] = []
    flows = (*(e.throttles.or_none() or ()), *(e.other_throttles.or_none() or ()))
    if bad := sorted({m.at for f in flows for m in f.bad}):
        refused = sum(m.count for f in flows for m in f.refused)
        facts.append(e.throttles.fact(Text("since", "発生時刻"), bad[0]))
        label = Text("users: throttled requests a minute", "利用者への影響: スロットリング数（毎分）")
        facts.append(e.throttles.fact(label, f"{refused / len(bad):.0f}"))
    if table := e.table.or_none():
        facts.append(e.table.fact(Text("table", "テーブル"), f"{table.name}, {table.billing}, {table.status}"))
        facts += _use(e, table)
    for bounds in e.scaling.or_none() or ():
        owned = Text("autoscaling owns: ", "Auto Scaling 管理: ") + Text(
            bounds.index or "table", bounds.index or "テーブル"
        )
        facts.append(
            e.scaling.fact(owned + Text(" ", " ") + WORD[bounds.direction], f"{bounds.minimum}-{bounds.maximum}")
        )
    return tuple(facts)


def _use(e: Evidence, table: Table) -> tuple[Fact, ...]:
    found = []
    for load in (*(e.load.or_none() or ()), *(e.other_load.or_none() or ())):
        part = table.part(load.index)
        if part and load.datapoints:
            of = "on-demand" if table.on_demand else str(part.units(load.direction))
            label = named(load) + Text(": peak units a second / provisioned", ": 最大消費（毎秒）/ プロビジョニング")
            found.append(e.load.fact(label, f"{load.peak_per_s:.1f} / {of}"))
    return tuple(found)


def quota_commands(e: Evidence, flows: tuple[Flow, ...]) -> tuple[str, ...]:
    """Requests for twice the quota that these flows met; where it could not be read, the command that lists quotas."""
    table, quotas = e.table.or_none(), e.quotas.or_none()
    if table is None or quotas is None:
        return ("aws service-quotas list-service-quotas --service-code dynamodb",)
    ways = dict.fromkeys(f.direction for f in flows)
    codes = {d: TABLE_QUOTA[d] if table.on_demand else ACCOUNT_QUOTA[d] for d in ways}
    most = {d: quotas.of_table(d) if table.on_demand else quotas.of_account(d) for d in ways}
    request = "aws service-quotas request-service-quota-increase --service-code dynamodb"
    return tuple(f"{request} --quota-code {codes[d]} --desired-value {2 * most[d]}" for d in ways)


def not_units(e: Evidence, short: tuple[Flow, ...]) -> RuledOut | None:
    """Why provisioned units are not the cause, None where they may be."""
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
