"""What an alarm watches: its metric, the resource that the dimensions name, and how bad that is.

Alarms are recognised by namespace, metric and dimensions, never by name, so that an account's existing alarms work.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..core.event_fields import ARN_CHARACTERS, Part, Place
from ..core.model import Level, Resource
from ..resources.kinds import from_dimensions

QUERY_CHARACTERS = 2000
DIMENSIONS_KEPT = 30  # CloudWatch's own bound

QUERY = re.compile(
    r"\s*SELECT\s+\w+\s*\(\s*(\"[^\"]*\"|[\w.:/-]+)\s*\)\s*FROM\s+(?:SCHEMA\s*\(\s*)?(\"[^\"]*\"|[\w./-]+)",
    re.IGNORECASE | re.ASCII,
)
WHERE = re.compile(r"\bWHERE\b(.*?)(?:\bGROUP\s+BY\b|\bORDER\s+BY\b|\bLIMIT\b|$)", re.IGNORECASE | re.DOTALL)
EQUALITY = re.compile(r"\"?\b(\w+)\"?\s*=\s*'([^']*)'", re.ASCII)
NOT_ONE_VALUE = re.compile(r"\bOR\b|\bNOT\b|!=", re.IGNORECASE)

# Guide, "Alert levels": high is service down, medium is slower, resources filling, error rate up.
HIGH = re.compile(r"5xx|50\d|HealthyHostCount|TargetConnectionError|RunningTaskCount|SystemErrors", re.IGNORECASE)
MEDIUM = re.compile(
    r"Latency|ResponseTime|Throttl|Utilization|Utilized|Consumed|Error|4xx|40\d|Rejected", re.IGNORECASE
)
WORST_FIRST: tuple[Level, ...] = ("high", "medium", "low")


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric with the dimensions that are known of it; `account` only where it is another's, read across."""

    namespace: str
    name: str
    dimensions: Mapping[str, str] = field(default_factory=dict)
    account: str = ""

    @property
    def level(self) -> Level:
        """How bad an alarm on it is."""
        if HIGH.search(self.name):
            return "high"
        return "medium" if MEDIUM.search(self.name) else "low"

    def resource(self, place: Place) -> Resource | None:
        """The one resource that the dimensions name, None where they name none or no valid one."""
        return from_dimensions(self.namespace, self.dimensions, place)


def metrics_of(configuration: Part, attributes: Mapping[str, str]) -> tuple[Metric, ...]:
    """The metrics that an alarm watches, in the spelling of events, of SNS messages or of DescribeAlarms.

    Args:
        configuration: what holds `metrics`, `Metrics` or one `MetricName`.
        attributes: of the alarm's contributor, which a query's own text does not name.
    """
    if configuration.text("MetricName"):
        return (_metric(configuration),)
    queries = configuration.parts("metrics", 500) or configuration.parts("Metrics", 500)
    read = (_of_query(query, attributes) for query in queries)
    return tuple(metric for metric in read if metric)


def _of_query(query: Part, attributes: Mapping[str, str]) -> Metric | None:
    stat = query.part("metricStat") or query.part("MetricStat")
    account = query.text("accountId") or query.text("AccountId")
    if stat:
        return _metric(stat.part("metric") or stat.needed_part("Metric"), account)
    expression = query.text("expression", QUERY_CHARACTERS) or query.text("Expression", QUERY_CHARACTERS)
    found = QUERY.match(expression)
    if not found:
        return None  # metric math: its operands stand beside it
    return Metric(
        namespace=found[2].strip('"'),
        name=found[1].strip('"'),
        dimensions={**_fixed(expression), **attributes},
        account=account,
    )


def _fixed(query: str) -> dict[str, str]:
    """The dimensions that a query holds to one value each."""
    where = WHERE.search(query)
    if not where or NOT_ONE_VALUE.search(where[1]):
        return {}
    return dict(EQUALITY.findall(where[1]))


def _metric(detail: Part, account: str = "") -> Metric:
    return Metric(
        namespace=detail.text("namespace") or detail.needed("Namespace"),
        name=detail.text("name") or detail.needed("MetricName"),
        dimensions=_dimensions(detail),
        account=account,
    )


def _dimensions(detail: Part) -> dict[str, str]:
    if isinstance(detail.values.get("dimensions"), Mapping):
        return texts_of(detail.part("dimensions"))
    listed = detail.parts("Dimensions", DIMENSIONS_KEPT)
    return {d.text("name") or d.needed("Name"): d.text("value") or d.needed("Value") for d in listed}


def texts_of(part: Part) -> dict[str, str]:
    """Names and texts of an object, each bounded."""
    return {name[:255]: part.text(name, ARN_CHARACTERS) for name in list(part.values)[:DIMENSIONS_KEPT]}
