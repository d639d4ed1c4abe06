"""Who ended the symptom: the change, or nobody that we know of. One rule for every judge (docs/why/0028)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from .model import Fact, Verdict
from .plan import Change
from .text import Text
from .timestamps import after, seconds_between

MINUTE_S = 60  # CloudWatch's finest period for the metrics of load balancers, services and tables
GOOD_MINUTES = 2  # ours: one calm minute is a pause between two bursts; two whole ones are the end of a symptom
AT_ONCE_S = 1.0  # the resolution of the times that AWS gives: what differs by less has no order


ENDED = Text("the symptom was over at", "症状が解消した時刻")
IN_EFFECT = Text("the change took effect only at", "変更が有効になった時刻（解消後）")
NOT_YET = Text("the change was not in effect yet at", "変更がまだ有効でなかった時刻")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryTimeline:
    """How a symptom ended, as far as it was seen. Moments are ISO 8601 in UTC, empty where nothing was seen.

    Attributes:
        last_sign: the end of its last sign: of the last bad minute, the last bad stop.
        good: starts of whole minutes that had a signal, and a good one; what nobody asked for is none of them.
        well_since: since when what is well now has been well without a break: its tasks run, its targets pass.
        effect_at: when the change began to act, by what AWS says of the resource; empty where AWS does not say, then
            the moment of the change counts, which is the earliest possible one.
        pending: the change is not in effect yet; `effect_at` is then the moment of this look.
        source: where the moments were read.
    """

    last_sign: str = ""
    good: tuple[str, ...] = ()
    well_since: str = ""
    effect_at: str = ""
    pending: bool = False
    source: str = ""


def course_of_minutes(
    bad: Collection[str],
    counted: Iterable[str],
    source: str,
    *,
    seen_at: str = "",
    effect_at: str = "",
    pending: bool = False,
) -> RecoveryTimeline:
    """How a symptom ended that CloudWatch counts by the minute. Minutes are named by their starts.

    Args:
        bad: those that show it.
        counted: those with a signal; what was counted and is not bad was good.
        source: where they were read.
        seen_at: when somebody has seen it besides, empty where nobody has.
        effect_at: when the change began to act, as in `Course`.
        pending: the change is not in effect yet, as in `Course`.
    """
    return RecoveryTimeline(
        last_sign=last_of((seen_at, *(after(at, MINUTE_S) for at in bad))),
        good=tuple(sorted(set(counted).difference(bad))),
        effect_at=effect_at,
        pending=pending,
        source=source,
    )


@dataclass(frozen=True, slots=True)
class Credit:
    """The verdict on a symptom that is over, and what shows it (nothing where a change has earned it)."""

    verdict: Verdict
    facts: tuple[Fact, ...] = ()


def attribute(change: Change | None, course: RecoveryTimeline, at: str) -> Credit:
    """Whose doing the recovery is; asked only once the symptom is known to be over.

    Without a change it is nobody's. With one, it is not the change's where the last sign of the symptom lies before
    the moment that the change took effect and it was seen to be over by then: two whole good minutes lie between, or
    what is well now was well already. Where nothing was seen in between, the order of the two is not known, and the
    change that stands and the symptom that is gone are taken for cause and effect.

    Args:
        change: None where none was made.
        course: how the symptom ended.
        at: when it was read.
    """
    if change is None:
        return Credit(Verdict.RECOVERED_WITHOUT_US)
    effect = took_effect(change, course)
    over = over_before(course, effect)
    if not over:
        return Credit(Verdict.FIXED)
    since = NOT_YET if course.pending else IN_EFFECT
    found = ((ENDED, over), (since, effect))
    return Credit(Verdict.RECOVERED_WITHOUT_US, tuple(Fact(label, value, course.source, at) for label, value in found))


def took_effect(change: Change, course: RecoveryTimeline) -> str:
    """The moment that AWS names, and never one before the change itself."""
    return max(change.applied_at, course.effect_at)


def over_before(course: RecoveryTimeline, effect: str) -> str:
    """When the symptom was over, if it was seen to be so before `effect`; empty where it was not."""
    if not _before(course.last_sign, effect):
        return ""
    whole = [m for m in course.good if m >= course.last_sign and after(m, MINUTE_S) <= effect]
    if len(set(whole)) >= GOOD_MINUTES:
        return course.last_sign
    if course.well_since and _before(course.well_since, effect):
        return max(course.last_sign, course.well_since)
    return ""


def last_of(moments: Iterable[str]) -> str:
    """The latest of them, empty where there is none."""
    return max(moments, default="")


def _before(moment: str, effect: str) -> bool:
    return bool(moment) and seconds_between(moment, effect) > AT_ONCE_S
