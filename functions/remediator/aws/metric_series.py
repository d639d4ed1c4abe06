"""The metrics of an incident's page, read from CloudWatch: what cannot be read is a gap with its reason, never an error."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any

from ..core.errors import RemediatorError
from ..core.ports import Permission
from ..core.timestamps import iso, moment
from ..redaction.redact import outside
from ..resources.cloudwatch import query
from ..resources.kind import Wanted
from ..resources.metric_series import Series
from .client import AwsClient

READ = "cloudwatch:GetMetricData"
BEFORE = timedelta(minutes=30)
AFTER = timedelta(minutes=5)
LONGEST = timedelta(hours=6)  # minute by minute: what a page can show and one request can hold
GAP_CHARS = 300


def series(
    client: Callable[[str, str], Any], wanted: Sequence[Wanted], opened_at: str, until: str
) -> tuple[Series, ...]:
    """The values of each metric from half an hour before the incident until its end, at most six hours.

    Args:
        client: gives the boto3 client of a service in a region (empty: the deployment's own).
        wanted: the metrics, in the order of the answer.
        opened_at: ISO 8601.
        until: the incident's end, or the last moment that is known of it.
    """
    found: dict[int, Series] = {}
    numbered = sorted(enumerate(wanted), key=lambda pair: pair[1].region)
    for region, group in groupby(numbered, key=lambda pair: pair[1].region):
        found.update(_of_region(client, region, tuple(group), opened_at, until))
    return tuple(found[n] for n in range(len(wanted)))


def _of_region(
    client: Callable[[str, str], Any], region: str, asked: tuple[tuple[int, Wanted], ...], opened_at: str, until: str
) -> dict[int, Series]:
    start = moment(opened_at) - BEFORE
    end = min(moment(until) + AFTER, start + LONGEST)
    door = AwsClient(client, [Permission(READ, region=region)])
    try:
        response = door.call(
            READ,
            MetricDataQueries=[query(f"m{n}", w.namespace, w.name, w.dimensions, w.stat) for n, w in asked],
            StartTime=start,
            EndTime=end,
            ScanBy="TimestampAscending",
        )
        results = {r["Id"]: r for r in response["MetricDataResults"]}
    except (RemediatorError, KeyError) as error:
        return {n: Series(w, gap=outside(str(error), GAP_CHARS)) for n, w in asked}
    return {n: _series(w, results.get(f"m{n}", {})) for n, w in asked}


def _series(wanted: Wanted, found: Any) -> Series:
    pairs = zip(found.get("Timestamps", ()), found.get("Values", ()), strict=False)
    return Series(wanted, tuple(sorted((iso(at), float(value)) for at, value in pairs)))
