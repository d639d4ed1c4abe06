"""Time zones by their IANA names: in which people of a deployment read moments. Everything stored stays UTC."""

from datetime import tzinfo
from functools import cache

UTC_NAME = "UTC"


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
