"""Moments as people read them: on the clock of their zone, with UTC beside it, since logs and consoles tell UTC."""

from datetime import UTC, datetime, tzinfo

from ..core.text import Text
from ..core.timestamps import UTC_NAME, moment, zone_named
from .sentences import told

OFFSET_SIGNS = ("+", "-")  # how a zone without a name of its own names itself: America/Sao_Paulo is `-03`


def clock(at: str, beside: str = "", zone: str = UTC_NAME) -> str:
    """`03:02 UTC`, or `12:02 JST (03:02 UTC)`; with its date where that is not the day of `beside`.

    A text that is no moment stays as it is. Within parentheses, `within` reads better.
    """
    here, there = _both(at, beside, zone)
    return f"{here} ({there})" if there else here


def within(at: str, beside: str = "", zone: str = UTC_NAME) -> str:
    """The same to stand within parentheses: `03:02 UTC`, or `12:02 JST = 03:02 UTC`."""
    here, there = _both(at, beside, zone)
    return f"{here} = {there}" if there else here


def exact(at: str, zone: str = UTC_NAME) -> str:
    """With date and seconds: `2026-11-23 03:02:41 UTC`, or `2026-11-23 12:02:41 JST (03:02:41 UTC)`."""
    here, there = _both(at, "", zone, "%H:%M:%S")
    return f"{here} ({there})" if there else here


def clock_with(at: str, aside: Text, beside: str = "", zone: str = UTC_NAME) -> Text:
    """The moment with a remark in one pair of parentheses: `03:02 UTC (for 4 min)`, `12:02 JST (03:02 UTC; for 4 min)`."""
    here, there = _both(at, beside, zone)
    if not there:
        return Text(f"{here} ({aside.en})", f"{here}（{aside.ja}）")
    return Text(f"{here} ({there}; {aside.en})", f"{here}（{there}、{aside.ja}）")


def _both(at: str, beside: str, zone: str, time: str = "%H:%M") -> tuple[str, str]:
    """The moment in `zone` and in UTC; the second is empty where both clocks show the same."""
    try:
        read = moment(at)
        day_of = moment(beside) if beside else None
    except ValueError:
        return told(at, 40), ""
    read = read.astimezone(UTC)
    if zone == UTC_NAME:
        return _written(read, day_of, UTC, time), ""
    here = read.astimezone(zone_named(zone))
    if not here.utcoffset():
        return _written(read, day_of, UTC, time), ""
    other_day = "" if here.date() == read.date() else f"{read:%m-%d} "
    return _written(here, day_of, zone_named(zone), time), f"{other_day}{read:{time}} UTC"


def _written(read: datetime, day_of: datetime | None, zone: tzinfo, time: str) -> str:
    same_day = day_of is not None and day_of.astimezone(zone).date() == read.date()
    name = read.tzname() or ""
    named = f"UTC{name}" if name.startswith(OFFSET_SIGNS) else name
    return f"{read:{time}} {named}" if same_day else f"{read:%Y-%m-%d} {read:{time}} {named}"
