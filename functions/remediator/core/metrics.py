"""Every metric of the program, declared here and nowhere else, and the line that carries one. Pure.

A line in CloudWatch's embedded metric format is a metric by itself: nothing is called, so nothing can fail or wait. A new
metric is one `Metric` and a `Point` where it happens; docs/operating.md names each (a test holds that). Dimensions are few
words of a fixed set, never an id or a name of a resource: each combination is a metric that is paid for.

Source: AWS, CloudWatch User Guide, "Specification: Embedded metric format".
"""

from dataclasses import dataclass
from typing import Any, Literal

from .four_clocks import Clock
from .gates import Answer, Ask, Permit
from .model import Incident

NAMESPACE = "Remediator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One count.

    Attributes:
        dimensions: their names, in the order of a Point's values.
        means: what one of it is, for docs and dashboards.
    """

    name: str
    means: str
    dimensions: tuple[str, ...] = ()


INCIDENTS = Metric(name="Incidents", dimensions=("Runbook",), means="an incident that began, by its runbook")
VERDICTS = Metric(
    name="Verdicts",
    dimensions=("Runbook", "Verdict"),
    means="an incident that ended: a verdict, or `handed_over`, `opted_out`",
)
GATE_ANSWERS = Metric(
    name="GateAnswers",
    dimensions=("Gate", "Answer"),
    means="what one gate said of one plan: `permit`, `ask`, `refusal`",
)
CHANGES = Metric(
    name="Changes", dimensions=("Runbook", "Kind"), means="a change that was made: `fix`, or `undo` of one"
)
REPORTS_FAILED = Metric(
    name="ReportsFailed", dimensions=("Stage",), means="a report that could not be sent; its step is tried again"
)
CLOCKS = Metric(
    name="Clocks",
    dimensions=("Clock", "State"),
    means="one of the guide's four clocks (`situation`, `response`, `cause`, `recovery`) as it stood when its incident "
    "ended: `met`, `missed`, `running`",
)
ESCALATIONS = Metric(
    name="Escalations",
    dimensions=("Clock", "Outcome"),
    means="a clock that ran out while its incident was open: `met`, `sent` to the high topic, `acknowledged` before, "
    "`told` already, `low` level",
)
STORM_SUMMARIES = Metric(
    name="StormSummaries", dimensions=("Kind",), means="a message that tells of a storm: `begins`, `grows`, `over`"
)
SWEPT_ALARMS = Metric(
    name="SweptAlarms",
    dimensions=("How",),
    means="an alarm in ALARM that a sweep found: `open`, `resting`, `new`, `persists`, `abandoned`, `muted`, `foreign` (no runbook looks into it), `failed`",
)
DECLARED = (
    INCIDENTS,
    VERDICTS,
    GATE_ANSWERS,
    CHANGES,
    REPORTS_FAILED,
    CLOCKS,
    ESCALATIONS,
    STORM_SUMMARIES,
    SWEPT_ALARMS,
)


@dataclass(frozen=True, slots=True)
class Point:
    """So many of one metric; `values` are its dimensions'."""

    metric: Metric
    values: tuple[str, ...] = ()
    count: int = 1


def line_of(point: Point, at_ms: int) -> dict[str, Any]:
    """The point as CloudWatch reads it from a log line; `at_ms` since 1970.

    Raises:
        ValueError: the values are not those of the metric's dimensions.
    """
    metric = point.metric
    dimensions = dict(zip(metric.dimensions, point.values, strict=True))
    told = {
        "Namespace": NAMESPACE,
        "Dimensions": [list(metric.dimensions)],
        "Metrics": [{"Name": metric.name, "Unit": "Count"}],
    }
    return {"_aws": {"Timestamp": at_ms, "CloudWatchMetrics": [told]}, **dimensions, metric.name: point.count}


def begun(incident: Incident) -> tuple[Point, ...]:
    """That an incident began; what a person asks for is no incident of the account."""
    return (Point(INCIDENTS, (incident.runbook,)),) if incident.heals else ()


def ended(incident: Incident, verdict: str) -> tuple[Point, ...]:
    """That an incident ended; what a person asks for is none of the account."""
    return (Point(VERDICTS, (incident.runbook, verdict)),) if incident.heals else ()


def timed(clocks: tuple[Clock, ...]) -> tuple[Point, ...]:
    """How the clocks of an incident that ended stood."""
    return tuple(Point(CLOCKS, (clock.name, clock.state)) for clock in clocks)


def said(answer: Answer) -> Point:
    """What one gate said."""
    how: Literal["permit", "ask", "refusal"] = "refusal"
    if isinstance(answer, Permit):
        how = "permit"
    elif isinstance(answer, Ask):
        how = "ask"
    return Point(GATE_ANSWERS, (answer.gate, how))
