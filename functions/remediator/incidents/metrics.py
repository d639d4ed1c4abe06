"""Every metric of the product, declared here and nowhere else, and the data points of each step."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..core.model import Incident
from ..core.plan import Change
from ..core.timestamps import seconds_between
from ..gates.answers import Ask, GateAnswer, Permit, Refusal
from .apply_result import Applied
from .response_clocks import Clock, Timed

NAMESPACE = "Remediator"


Unit = Literal["Count", "Seconds"]
CLOCK = "clock "  # the steps that look at one of the four, by its name


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One figure.

    Attributes:
        dimensions: their names, in the order of a Point's values.
        means: what one of it is, for docs and dashboards.
        unit: as CloudWatch names it.
    """

    name: str
    means: str
    dimensions: tuple[str, ...] = ()
    unit: Unit = "Count"


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


DURATIONS = Metric(
    name="Durations",
    dimensions=("Until",),
    means="seconds from the opening of an incident that has ended to its `first_report`, its `change` and its `recovery`, "
    "each where there was one",
    unit="Seconds",
)


API_CALLS = Metric(
    name="ApiCalls",
    dimensions=("Service",),
    means="a request to AWS, repetitions among them, by botocore's name of the service; divided by `Incidents` it is what "
    "one of them costs",
)


@dataclass(frozen=True, slots=True)
class Point:
    """So many of one metric, or so long; `values` are its dimensions'."""

    metric: Metric
    values: tuple[str, ...] = ()
    amount: float = 1


def line_of(point: Point, at_ms: int) -> dict[str, Any]:
    """The point as CloudWatch reads it from a log line; `at_ms` since 1970.

    Raises:
        ValueError: the values are not those of the metric's dimensions.
    """
    metric = point.metric
    dimensions = dict(zip(metric.dimensions, point.values, strict=True))
    values = {
        "Namespace": NAMESPACE,
        "Dimensions": [list(metric.dimensions)],
        "Metrics": [{"Name": metric.name, "Unit": metric.unit}],
    }
    return {"_aws": {"Timestamp": at_ms, "CloudWatchMetrics": [values]}, **dimensions, metric.name: point.amount}


def begun(incident: Incident) -> tuple[Point, ...]:
    """That an incident began; what a person asks for is no incident of the account."""
    return (Point(INCIDENTS, (incident.runbook,)),) if incident.is_automatic else ()


def ended(incident: Incident, verdict: str) -> tuple[Point, ...]:
    """That an incident ended; what a person asks for is none of the account."""
    return (Point(VERDICTS, (incident.runbook, verdict)),) if incident.is_automatic else ()


def timed(clocks: tuple[Clock, ...]) -> tuple[Point, ...]:
    """How the clocks of an incident that ended stood."""
    return tuple(Point(CLOCKS, (clock.name, clock.state)) for clock in clocks)


def lasted(incident: Incident, clocks: tuple[Clock, ...], change: Change | None) -> tuple[Point, ...]:
    """How long an incident that has ended took, from its opening: what a person asked for has no such times.

    Args:
        incident: that has ended.
        clocks: as they stood; none where nobody looked at them.
        change: that was made, if one was.
    """
    if incident.origin != "event":
        return ()
    at = {clock.name: clock.at for clock in clocks}
    moments = {
        "first_report": at.get("situation"),
        "change": change.applied_at if change else None,
        "recovery": at.get("recovery"),
    }
    return tuple(
        Point(DURATIONS, (until,), max(0.0, round(seconds_between(incident.opened_at, moment), 1)))
        for until, moment in moments.items()
        if moment is not None
    )


def called(requests: Mapping[str, int]) -> tuple[Point, ...]:
    """The requests to AWS that were sent, by service."""
    return tuple(Point(API_CALLS, (service,), number) for service, number in sorted(requests.items()))


Word = Literal["permit", "ask", "refusal"]
STRICTNESS: tuple[Word, ...] = ("permit", "ask", "refusal")


def _word(answer: GateAnswer) -> Word:
    if isinstance(answer, Permit):
        return "permit"
    return "ask" if isinstance(answer, Ask) else "refusal"


def gate_points(answers: Iterable[GateAnswer]) -> tuple[Point, ...]:
    """What each gate said: one point a gate, the strictest of its answers where it checks several things."""
    said: dict[str, Word] = {}
    for answer in answers:
        said[answer.gate] = max(said.get(answer.gate, "permit"), _word(answer), key=STRICTNESS.index)
    return tuple(Point(GATE_ANSWERS, (gate, word)) for gate, word in said.items())


def step_metrics(step: str, value: Any) -> tuple[Point, ...]:
    """The metrics of a step that has just been done, by what it gave."""
    if step == "begin" and isinstance(value, Incident):
        return begun(value)
    if step.startswith(CLOCK) and isinstance(value, str):
        return (Point(ESCALATIONS, (step.removeprefix(CLOCK), value)),)
    if isinstance(value, Timed):
        return timed(value.clocks)
    if isinstance(value, Applied) and value.change:
        return (Point(CHANGES, (value.change.plan.runbook, "undo" if step == "undo" else "fix")),)
    if isinstance(value, tuple) and all(isinstance(v, Permit | Ask | Refusal) for v in value):
        return gate_points(value)
    return ()
