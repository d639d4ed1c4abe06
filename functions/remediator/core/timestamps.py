"""Timestamps as ISO 8601 text in UTC with milliseconds, so that text order is time order; and IANA time zones."""

from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache

RECOVERED_WITHIN_S = 60 * 60  # guide, emergency flow step 4: recovered and verified within 60 minutes


RESPONSE_WITHIN_S = 15 * 60  # guide, emergency flow step 2: first response within 15 minutes
UTC_NAME = "UTC"


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


@cache
def zone_named(name: str) -> tzinfo:
    """The zone of that name, from the machine's own time zone database.

    Lambda's python3.13 stands on Amazon Linux 2023, whose Lambda image carries the database since January 2024
    (aws-lambda-dotnet issue 1620, amazon-linux-2023 issue 615). On Windows, `pip install tzdata` brings one.

    Raises:
        ValueError: there is no such zone, or no database; the message says which.
    """
    import zoneinfo  # noqa: PLC0415  # a deployment that reads UTC does not pay for it at each cold start

    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError, TypeError) as error:
        if zoneinfo.available_timezones():
            raise ValueError(f"zone: {name!r} is no IANA time zone; write it as Asia/Tokyo or Europe/Berlin") from error
        raise ValueError("zone: this machine has no time zone database; pip install tzdata brings one") from error
