"""CloudWatch alarms in each of their forms: events, an alarm's own Lambda action, SNS messages, DescribeAlarms."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..core.errors import EventNotUnderstood
from ..core.event_fields import ARN_CHARACTERS, REASON_CHARACTERS, Part, Place, bounded, place_of
from ..core.model import Ignored, Level, Notice, Resource, Signal
from ..core.text import Text
from ..resources.kinds import namespaces as known_namespaces
from .alarm_metrics import WORST_FIRST, Metric, metrics_of, texts_of
from .envelope import document

CHILDREN_KEPT = 100  # a composite alarm has at most 100; DescribeAlarms takes at most 100 names
COMPOSITE_LEVEL: Level = "medium"  # what it is about is known once its children are read
STATES = ("ALARM", "OK", "INSUFFICIENT_DATA")
NO_RESOURCE = Text(
    "An alarm went off that does not name the resource it is about; a person has to look.",
    "対象リソースを特定できないアラームが発生しました。人による確認が必要です。",
)
SEVERAL = Text(
    "An alarm went off that watches several resources at once; a person has to look which of them it is about.",
    "複数のリソースを同時に監視するアラームが発生しました。どのリソースの問題か、人による確認が必要です。",
)
PARTIAL = Text(
    "An alarm went off on partial data (PARTIAL_DATA), so its result may be wrong; a person has to look.",
    "一部のデータのみで評価されたアラーム (PARTIAL_DATA) です。結果が正しくない可能性があるため、人による確認が必要です。",
)
ANOTHER_ACCOUNT = Text(
    "An alarm went off on a metric of another AWS account, where nothing is looked into; a person has to look.",
    "別の AWS アカウントのメトリクスに対するアラームが発生しました。自動調査の対象外のため、人による確認が必要です。",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Composite:
    """A composite alarm in ALARM; what its children watch must be read.

    Attributes:
        children: ARNs of the children that are in ALARM.
    """

    name: str
    alarm_arn: str
    children: tuple[str, ...]
    level: Level
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One state of one alarm (or of one contributor of it), whichever form told of it."""

    name: str
    arn: str
    state: str
    at: str
    reason: str = ""
    metrics: tuple[Metric, ...] = ()
    contributor: str = ""
    muted_by: str = ""
    suppressed_by: str = ""
    partial: bool = False
    composite: bool = False
    children: tuple[str, ...] = ()

    @property
    def place(self) -> Place:
        """Where it stands."""
        return place_of(self.arn, "cloudwatch", "the alarm's ARN")[0]

    @property
    def key(self) -> str:
        """Equal for one change of state, whichever form tells of it."""
        return f"{self.arn}{'+' if self.contributor else ''}{self.contributor}@{self.at}"


def state_change(event: Part) -> Signal | Ignored | Notice | Composite:
    """`CloudWatch Alarm State Change` and `CloudWatch Alarm Contributor State Change`."""
    arn = next(iter(event.texts("resources", 1)), "")
    return _judged(_told(event.needed_part("detail"), arn, event.time("time")))


def action(payload: Part) -> Signal | Ignored | Notice | Composite:
    """What an alarm sends to a Lambda function that is its action."""
    arn = payload.needed("alarmArn", ARN_CHARACTERS)
    return _judged(_told(payload.needed_part("alarmData"), arn, payload.time("time")))


def message(detail: Part) -> Signal | Ignored | Notice | Composite:
    """What an alarm sends to an SNS topic."""
    attributes = texts_of(detail.part("AlarmContributorAttributes"))
    composite = bool(detail.text("AlarmRule"))
    return _judged(
        Alarm(
            name=detail.needed("AlarmName"),
            arn=detail.needed("AlarmArn", ARN_CHARACTERS),
            state=detail.needed("NewStateValue"),
            at=detail.time("StateChangeTime") or detail.needed("StateChangeTime"),
            reason=detail.text("NewStateReason", REASON_CHARACTERS),
            metrics=() if composite else metrics_of(detail.needed_part("Trigger"), attributes),
            contributor=detail.text("AlarmContributorId"),
            composite=composite,
            children=tuple(
                child.needed("Arn", ARN_CHARACTERS)
                for child in detail.parts("TriggeringChildren", CHILDREN_KEPT)
                if child.part("State").text("Value") == "ALARM"
            ),
        )
    )


def from_description(description: Mapping[str, Any], region: str, account: str, at: str) -> Signal | Ignored | Notice:
    """A metric alarm as DescribeAlarms lists it.

    Args:
        description: an item of `MetricAlarms`.
        region: where it was read.
        account: whose it is.
        at: stands in where CloudWatch gives no time of the last change of state.
    """
    detail = Part(description)
    name = detail.needed("AlarmName")
    alarm = Alarm(
        name=name,
        arn=detail.text("AlarmArn", ARN_CHARACTERS) or f"arn:aws:cloudwatch:{region}:{account}:alarm:{name}",
        state=detail.needed("StateValue"),
        at=detail.time("StateTransitionedTimestamp") or detail.time("StateUpdatedTimestamp") or at,
        reason=detail.text("StateReason", REASON_CHARACTERS),
        metrics=metrics_of(detail, {}),
        partial=detail.text("EvaluationState") == "PARTIAL_DATA",
    )
    return _quiet(alarm) or _by_metrics(alarm)


def _told(detail: Part, arn: str, time: str) -> Alarm:
    """The form that events and the Lambda action share."""
    state, contributor = detail.needed_part("state"), detail.part("alarmContributor")
    configuration = detail.needed_part("configuration")
    composite = bool(configuration.text("alarmRule"))
    return Alarm(
        name=detail.needed("alarmName"),
        arn=arn,
        state=state.needed("value"),
        at=state.time("timestamp") or time or state.needed("timestamp"),
        reason=state.text("reason", REASON_CHARACTERS),
        metrics=metrics_of(configuration, texts_of(contributor.part("attributes"))),
        contributor=contributor.needed("id") if contributor else "",
        muted_by=detail.part("muteDetail").text("mutedByArn", ARN_CHARACTERS),
        suppressed_by=state.text("actionsSuppressedBy"),
        partial=state.text("evaluationState") == "PARTIAL_DATA",
        composite=composite,
        children=_children(state) if composite else (),
    )


def _children(state: Part) -> tuple[str, ...]:
    text = state.values.get("reasonData")
    if not text:
        return ()
    if not isinstance(text, str):
        raise EventNotUnderstood(f"{state.where('reasonData')} is no text")
    data = Part(document(text, state.where("reasonData")), state.where("reasonData"))
    return tuple(
        child.needed("arn", ARN_CHARACTERS)
        for child in data.parts("triggeringAlarms", CHILDREN_KEPT)
        if child.part("state").text("value") == "ALARM"
    )


def _judged(alarm: Alarm) -> Signal | Ignored | Notice | Composite:
    return _quiet(alarm) or (_composite(alarm) if alarm.composite else _by_metrics(alarm))


def _quiet(alarm: Alarm) -> Ignored | None:
    if alarm.state not in STATES:
        raise EventNotUnderstood(f"the state of alarm {alarm.name} is none of {', '.join(STATES)}")
    if alarm.state != "ALARM":
        return Ignored(f"alarm {alarm.name} is {alarm.state}")
    if alarm.muted_by:
        return Ignored(f"alarm is muted by {alarm.muted_by}")
    if alarm.suppressed_by:
        return Ignored(f"actions of alarm {alarm.name} are suppressed by {alarm.suppressed_by}")
    return None


def _composite(alarm: Alarm) -> Composite:
    here = alarm.place.arn("cloudwatch", "alarm:")
    children = tuple(dict.fromkeys(arn for arn in alarm.children if arn.startswith(here) and arn != here))
    return Composite(name=alarm.name, alarm_arn=alarm.arn, children=children, level=COMPOSITE_LEVEL, at=alarm.at)


def _by_metrics(alarm: Alarm) -> Signal | Ignored | Notice:
    known = [m for m in alarm.metrics if m.namespace in known_namespaces()]
    namespaces = sorted({m.namespace for m in alarm.metrics})
    others_only = bool(namespaces) and not known and all(name.startswith("AWS/") for name in namespaces)
    if alarm.partial and not others_only:
        return _notice(alarm, known, PARTIAL)
    if not known:
        watched = ", ".join(namespaces[:5]) or f"alarm {alarm.name} watches no metric"
        return Ignored(f"no resource of the guide: {bounded(watched, 200)}")
    if any(m.account and m.account != alarm.place.account for m in known):
        return _notice(alarm, known, ANOTHER_ACCOUNT)
    named = [(m, r) for m in known if (r := m.resource(alarm.place))]
    worst = _worst([m for m, _ in named])
    named = [(m, r) for m, r in named if m.level == worst]
    if len({r for _, r in named}) != 1:
        return _notice(alarm, known, SEVERAL if named else NO_RESOURCE)
    return _signal(alarm, *named[0])


def _signal(alarm: Alarm, metric: Metric, resource: Resource) -> Signal:
    facts: dict[str, Any] = {
        "alarm": alarm.name,
        "namespace": metric.namespace,
        "metric": metric.name,
        "dimensions": dict(metric.dimensions),
        "reason": alarm.reason,
    }
    if alarm.contributor:
        facts["contributor"] = alarm.contributor
    if index := metric.dimensions.get("GlobalSecondaryIndexName"):
        facts["index"] = index
    return Signal(kind="alarm", resource=resource, level=metric.level, at=alarm.at, key=alarm.key, facts=facts)


def _worst(metrics: list[Metric]) -> Level:
    return min((m.level for m in metrics), key=WORST_FIRST.index, default="low")


def _notice(alarm: Alarm, known: list[Metric], because: Text) -> Notice:
    what = ", ".join(dict.fromkeys(f"{m.namespace} {m.name}" for m in known or alarm.metrics))
    said = bounded(f"{alarm.name} ({what}): {alarm.reason}", REASON_CHARACTERS)
    return Notice(_worst(known), alarm.name, Text(f"{because.en} {said}", f"{because.ja} {said}"))
