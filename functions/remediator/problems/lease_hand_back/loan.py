"""A temporary capacity increase as it stands now: still ours, still needed, and the next step back."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ...core.evidence import Unchecked
from ...core.lease import Loan, lent_on, next_step, ours, whole_numbers
from ...core.settings import Limits
from ...core.text import Text
from ...core.timestamps import seconds_between
from ...resources.dynamodb.model import HEADROOM, bounds_name, maximum_name, units_name, values
from ...resources.dynamodb.throttle_metrics import DIRECTIONS, Direction
from ...resources.ecs.plans.scale_out import COUNT, MINIMUM
from ...resources.ecs.scaling import BUSY_PCT
from ...resources.load_balancing.latency import SEVERAL_MINUTES
from .evidence import Evidence
from .model import BorrowedState, Usage

DECREASES_KEPT_TO = 4  # AWS, DynamoDB quotas: four a day (UTC) at any time; more only after an hour without one


@dataclass(frozen=True, slots=True)
class Lowered:
    """A limit of a table or index that a step would lower, in units a second."""

    index: str
    direction: Direction
    limit: int


def image_of(held: BorrowedState) -> Mapping[str, str]:
    """Everything that may have been lent, by the names that plans use; empty where it is gone."""
    if held.table:
        return values(held.table, held.scaling)
    if held.service:
        count = {COUNT: str(held.service.desired)}
        return {**count, MINIMUM: str(held.owner.minimum)} if held.owner and held.owner.owned else count
    return {}


def current_values(e: Evidence) -> Mapping[str, str]:
    """What plans replace, as it is now."""
    return image_of(e.held.get())


def now_of(loan: Loan, held: BorrowedState) -> Mapping[str, int]:
    """What was lent, as numbers; without those that are gone or that AWS is changing."""
    response = image_of(held)
    return whole_numbers({name: response[name] for name in loan.was if name in response})


def after_step(e: Evidence) -> Mapping[str, int]:
    """The values after one step of the hand-back."""
    loan = e.loan.get()
    return next_step(loan, now_of(loan, e.held.get()))


def not_ours(e: Evidence) -> Text | None:
    """Why it is nobody's to hand back; None where it is."""
    loan, held = e.loan.get(), e.held.get()
    if loan.over:
        return loan.over
    if held.gone:
        return Text("it does not exist any more", "対象はすでに存在しません")
    if busy(held):
        return None
    now = now_of(loan, held)
    if set(now) != set(loan.was):
        return Text("what was lent to is gone", "一時変更の対象となった設定がなくなっています")
    if ours(loan, now) or lent_on(loan, now):
        return None
    if now == loan.was:
        return Text("it is back already", "すでに元の値に戻っています")
    text = ", ".join(f"{name} {value}" for name, value in now.items())
    return Text(f"somebody has changed it since: {text}", f"その後に別の変更が行われています: {text}")


def busy(held: BorrowedState) -> Text | None:
    """What is being changed at this moment; None where nothing is."""
    if held.table and (held.table.busy or held.table.status != "ACTIVE"):
        return Text(
            f"AWS is changing the table ({held.table.status})", f"テーブルは変更処理中です（{held.table.status}）"
        )
    if held.owner and held.owner.under_way:
        said = held.owner.under_way
        return Text(f"autoscaling is changing it: {said}", f"Auto Scaling が変更中です: {said}")
    primary = held.service.primary if held.service else None
    if primary and primary.rollout == "IN_PROGRESS":
        return Text("a deployment is in progress", "デプロイが進行中です")
    return None


def needed(e: Evidence, now: str, limits: Limits) -> Text | None:
    """Why it is not handed back yet; None where what was asked for within the last hour fits the next lower step."""
    loan, held = e.loan.get(), e.held.get()
    if (going := busy(held)) is not None:
        return going
    if not ours(loan, now_of(loan, held)):
        return Text(
            "the program has raised it further since; that goes first",
            "その後さらに引き上げたため、そちらの返却が先です",
        )
    if loan.worse_at and seconds_between(loan.worse_at, now) < limits.lease_s:
        return Text(
            f"handing it back made things worse at {loan.worse_at}", f"{loan.worse_at} の返却で状況が悪化したためです"
        )
    return _asked_for(e) if held.table else _busy_tasks(e)


def _asked_for(e: Evidence) -> Text | None:
    usage = e.usage.get()
    if usage.throttled:
        count = len(usage.throttled)
        return Text(
            f"requests were throttled in {count} minutes of the last hour",
            f"直近 1 時間に {count} 分間のスロットリングがあります",
        )
    for low in lowered(e):
        wanted = wanted_per_s(usage, low)
        if wanted > HEADROOM * low.limit:
            return Text(
                f"{wanted:.1f} {low.direction} units a second were asked for, {HEADROOM * 100:.0f} % of {low.limit} would not do",
                f"毎秒 {wanted:.1f} ユニット（{low.direction}）の需要があり、{low.limit} の {HEADROOM * 100:.0f} % を超えます",
            )
    return None


def wanted_per_s(usage: Usage, low: Lowered) -> float:
    """The highest minute's demand there; a direction without any datapoint was not asked for at all."""
    return max(
        (a.wanted_per_s for a in usage.asked if (a.index, a.direction) == (low.index, low.direction)), default=0.0
    )


def _busy_tasks(e: Evidence) -> Text | None:
    usage, held = e.usage.get(), e.held.get()
    if usage.load is None or usage.times is None or held.service is None:
        raise Unchecked("how busy the service was is not known")
    slow = usage.times.slow
    if len(slow) >= SEVERAL_MINUTES:
        count = len(slow)
        return Text(
            f"responses were slow in {count} minutes of the last hour",
            f"直近 1 時間に {count} 分間の応答遅延があります",
        )
    fewer = min(after_step(e).values())
    share = max(held.service.running, held.service.desired) / max(1, fewer)
    cpu_pct = max(usage.load.cpu_pct.values(), default=0.0) * share
    if cpu_pct > BUSY_PCT:
        return Text(
            f"{fewer} tasks would need {cpu_pct:.0f} % CPU in the highest minute of the last hour",
            f"{fewer} タスクでは、直近 1 時間の最大の分で CPU {cpu_pct:.0f} % が必要です",
        )
    if max(usage.load.memory_pct.values(), default=0.0) > BUSY_PCT:
        return Text("the tasks use most of their memory", "タスクのメモリ使用率が高い状態です")
    return None


def lowered(e: Evidence) -> tuple[Lowered, ...]:
    """Each limit that the next step lowers; of autoscaling's bounds the highest that is lowered."""
    held, now, then = e.held.get(), now_of(e.loan.get(), e.held.get()), after_step(e)
    down = {name for name in then if then[name] < now[name]}
    return tuple(_lowered(held, then, down))


def _lowered(held: BorrowedState, then: Mapping[str, int], down: set[str]) -> Iterator[Lowered]:
    for part in (held.table.own, *held.table.indexes) if held.table else ():
        for way in DIRECTIONS:
            for name in (units_name(part.index, way), maximum_name(part.index, way)):
                if name in down:
                    yield Lowered(part.index, way, then[name])
    for bounds in held.scaling:
        named = next((n for n in (bounds_name(bounds, "Max"), bounds_name(bounds, "Min")) if n in down), None)
        if named:
            yield Lowered(bounds.index, bounds.direction, then[named])


def decreases_spent(e: Evidence) -> int:
    """How often the units that the next step lowers went down today, where AWS may refuse another; else 0."""
    held, now, then = e.held.get(), now_of(e.loan.get(), e.held.get()), after_step(e)
    table = held.table
    used = [
        part.decreases_today
        for part in ((table.own, *table.indexes) if table else ())
        for way in DIRECTIONS
        if then.get(name := units_name(part.index, way), 0) < now.get(name, 0)
    ]
    most = max(used, default=0)
    return most if most >= DECREASES_KEPT_TO else 0
