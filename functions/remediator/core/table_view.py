"""What the readings of a throttled table say together: what was throttled, where, why, and how the table stands."""

from collections.abc import Mapping
from typing import Protocol

from .dynamodb import Bounds, Flow, Insights, Load, Quotas, Table, ThrottleCause, Throughput, values
from .evidence import Reading, Unchecked
from .fixes.capacity import WORD
from .model import Fact
from .service_view import Stack
from .text import Text


class TableEvidence(Protocol):
    """Evidence about one table and its indexes."""

    @property
    def table(self) -> Reading[Table]:
        """The table now."""

    @property
    def tags(self) -> Reading[Mapping[str, str]]:
        """Of the table."""

    @property
    def throttles(self) -> Reading[tuple[Flow, ...]]:
        """Of the last minutes, by cause: the table and the signalled indexes."""

    @property
    def other_throttles(self) -> Reading[tuple[Flow, ...]]:
        """The same of its other indexes."""

    @property
    def load(self) -> Reading[tuple[Load, ...]]:
        """Of the last hour: the table and the signalled indexes."""

    @property
    def other_load(self) -> Reading[tuple[Load, ...]]:
        """The same of its other indexes."""

    @property
    def scaling(self) -> Reading[tuple[Bounds, ...]]:
        """Who owns its capacity."""

    @property
    def quotas(self) -> Reading[Quotas]:
        """Of the account."""

    @property
    def insights(self) -> Reading[tuple[Insights, ...]]:
        """Whether throttled keys are watched."""

    @property
    def stack(self) -> Reading[Stack]:
        """Who would overwrite a change."""


def flows_of(e: TableEvidence) -> tuple[Flow, ...]:
    """Every flow of the table and of all its indexes; a gap in either reading is a gap."""
    return (*e.throttles.get(), *e.other_throttles.get())


def throttled(e: TableEvidence, cause: ThrottleCause) -> tuple[Flow, ...]:
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


def short_of_units(e: TableEvidence) -> tuple[Flow, ...]:
    """Where capacity itself is short, the worst first: neither a hot key's doing nor an index's that holds it back."""
    held_back = holding_back(e)  # needs every reading: an index that was not looked at may be what holds it back
    return tuple(
        f
        for f in throttled(e, "provisioned")
        if f.events("provisioned") > f.events("key_range")
        and not (held_back and not f.index and f.direction == "write")
    )


def holding_back(e: TableEvidence) -> tuple[str, ...]:
    """Indexes whose throttled writes hold the table's writes back (AWS: a write waits for every index)."""
    return tuple(f.index for f in flows_of(e) if f.index and f.direction == "write" and f.bad)


def part_of(e: TableEvidence, flow: Flow) -> Throughput:
    """The table itself or the index that `flow` is about."""
    part = e.table.get().part(flow.index)
    if part is None:
        raise Unchecked(f"index {flow.index} is gone")
    return part


def hour_of(e: TableEvidence, flow: Flow) -> Load:
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


def throttle_facts(e: TableEvidence, flows: tuple[Flow, ...], cause: ThrottleCause) -> tuple[Fact, ...]:
    """How often each was throttled for `cause`."""
    label = Text("throttled requests, 15 min: ", "スロットリング数（15 分）: ")
    return tuple((_read_of(e, f)).fact(label + named(f), str(f.events(cause))) for f in flows)


def _read_of(e: TableEvidence, flow: Flow) -> Reading[tuple[Flow, ...]]:
    return e.throttles if any(_same(f, flow) for f in e.throttles.or_none() or ()) else e.other_throttles


def demand_facts(e: TableEvidence, flow: Flow) -> tuple[Fact, ...]:
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


def mode(e: TableEvidence) -> str | None:
    """The opt-in tag of the table."""
    return e.tags.get().get("auto-remediation")


def image(e: TableEvidence) -> Mapping[str, str]:
    """What plans replace, as it is now."""
    return values(e.table.get(), e.scaling.or_none() or (), e.insights.or_none() or ())


def about(e: TableEvidence) -> tuple[Fact, ...]:
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


def _use(e: TableEvidence, table: Table) -> tuple[Fact, ...]:
    told = []
    for load in (*(e.load.or_none() or ()), *(e.other_load.or_none() or ())):
        part = table.part(load.index)
        if part and load.datapoints:
            of = "on-demand" if table.on_demand else str(part.units(load.direction))
            label = named(load) + Text(": peak units a second / provisioned", ": 最大消費（毎秒）/ プロビジョニング")
            told.append(e.load.fact(label, f"{load.peak_per_s:.1f} / {of}"))
    return tuple(told)


def stack(e: TableEvidence) -> str | None:
    """The CloudFormation stack that owns the table."""
    owner = e.stack.or_none()
    return owner.name if owner and owner.name else None
