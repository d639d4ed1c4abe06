"""Moments as values: ISO 8601 in UTC with milliseconds, so that texts compare as times do."""

from datetime import UTC, datetime, timedelta

RECOVERED_WITHIN_S = 60 * 60  # guide, emergency flow step 4: recovered and verified within 60 minutes
RESPONSE_WITHIN_S = 15 * 60  # guide, emergency flow step 2: first response within 15 minutes


def iso(moment: datetime) -> str:
    """`2026-11-23T03:00:00.000Z`; a moment without zone is taken as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(text: str) -> datetime:
    """The moment that an ISO 8601 text names; AWS's `+0000` is understood too.

    Raises:
        ValueError: it names none.
    """
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def is_moment(value: object) -> bool:
    """Whether it is the text of a moment."""
    try:
        moment(str(value))
    except ValueError:
        return False
    return isinstance(value, str)


def seconds_between(earlier: str, later: str) -> float:
    """Seconds from `earlier` to `later`, negative where they are the other way round."""
    return (moment(later) - moment(earlier)).total_seconds()


def after(start: str, seconds: float) -> str:
    """The moment `seconds` later."""
    return iso(moment(start) + timedelta(seconds=seconds))


def epoch_s(text: str) -> int:
    """Whole seconds since 1970, as DynamoDB conditions compare them."""
    return int(moment(text).timestamp())
