"""The task count to restore for a service that was scaled to zero, and reasons to ask first."""

from collections import Counter

from ...core.evidence import Unchecked
from ...core.text import Text
from ...core.timestamps import after, seconds_between
from ...resources.ecs.model import Service
from ...resources.load_balancing.target_health import HostCount, HostCounts
from .evidence import Evidence
from .model import CountBounds

GUIDES_COUNT = 2  # the guide's own example, where nothing tells how many ran


LAST_HOUR_S = 3600  # how far back a usual count is looked for


POINT_S = 300  # a datapoint of the day's counts: the count was set at most so long before or after its moment


def last_count(hosts: HostCounts | None) -> HostCount | None:
    """The count that lasted longest in the last hour with healthy targets, and that hour's end; None: none was seen.

    Not simply the newest: while a service is scaled in, the last minutes count fewer.
    """
    points = hosts.healthy if hosts else ()
    ends = [p.at for p in points[1:]] + [p.at for p in points[-1:]]
    runs = [(p.hosts, p.at, end) for p, end in zip(points, ends, strict=True) if p.hosts >= 1]
    if not runs:
        return None
    end = runs[-1][2]
    begin, lasted = after(end, -LAST_HOUR_S), Counter[float]()
    for count, since, until in runs:
        lasted[count] += max(0, int(seconds_between(max(since, begin), until)))
    usual = max(lasted, key=lambda n: (lasted[n], n))
    return HostCount(at=end, hosts=usual)


def bounds_of(e: Evidence, service: Service) -> CountBounds:
    """Who owns the count; raises `Unchecked` through a gap: without knowing that, no count is written."""
    found = next((b for b in e.bounds.get() if b.service == service.arn), None)
    if found is None:
        raise Unchecked(f"{e.bounds.source}: nothing was read of {service.name}")
    return found


def wanted(e: Evidence, bounds: CountBounds, ceiling: int) -> int:
    """The count to run again, within autoscaling's bounds and the declared ceiling (0: none is declared)."""
    last = last_count(e.hosts.or_none())
    count = int(last.hosts) if last else GUIDES_COUNT
    if bounds.owned:
        count = min(max(count, bounds.minimum), bounds.maximum)
    return min(count, ceiling) if ceiling else count


def why_ask(e: Evidence, service: Service, bounds: CountBounds) -> tuple[Text, ...]:
    """Why a person must approve; empty only where everything that could have wanted the zero is known not to."""
    found = (_not_seen(e), _by_bounds(bounds), _by_schedule(e, service), _by_someone(e, service))
    return tuple(t for t in found if t)


def _not_seen(e: Evidence) -> Text | None:
    if last_count(e.hosts.or_none()):
        return None
    return Text(
        f"how many ran before is not known, {GUIDES_COUNT} is the guide's example",
        f"以前のタスク数が不明なため、ガイドの例（{GUIDES_COUNT}）を提案しています",
    )


def _by_bounds(bounds: CountBounds) -> Text | None:
    if not bounds.owned:
        return Text("no autoscaling minimum forbids zero", "0 を禁じる Auto Scaling の最小値がありません")
    if bounds.minimum < 1:
        return Text("the autoscaling minimum allows zero", "Auto Scaling の最小値が 0 を許容しています")
    if bounds.suspended:
        listed = ", ".join(bounds.suspended)
        return Text(f"autoscaling is suspended ({listed})", f"Auto Scaling が一時停止中です（{listed}）")
    return None


def _by_schedule(e: Evidence, service: Service) -> Text | None:
    if (found := e.schedules.or_none()) is None:
        return Text("scheduled scaling could not be read", "スケジュールに基づくスケーリングを読み取れませんでした")
    mine = [s for s in found if s.service == service.arn]
    if not mine:
        return None
    named = ", ".join(f"{s.name} ({s.when})" for s in mine[:3])
    return Text(f"scheduled scaling acts on it: {named}", f"スケジュールに基づくスケーリングがあります: {named}")


def _by_someone(e: Evidence, service: Service) -> Text | None:
    if (found := e.count_sets.or_none()) is None:
        return Text("who set it to zero could not be read", "0 に設定した人を読み取れませんでした")
    newest = next((s for s in found.calls if s.service == service.arn), None)
    if newest and not newest.of_nobody:
        at = newest.at[11:16]
        return Text(
            f"{newest.by} set it to {newest.count} at {at} UTC",
            f"{newest.by} が {at} UTC に {newest.count} に設定しました",
        )
    last = last_count(e.hosts.or_none())
    if newest or (last and found.knows(after(last.at, -POINT_S)) and found.knows(after(last.at, POINT_S))):
        return None
    return Text(
        "who set it to zero is not known (CloudTrail tells of a call up to 15 minutes later)",
        "0 に設定した人は不明です（CloudTrail への反映には最大 15 分かかります）",
    )
