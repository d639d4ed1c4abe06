"""What the owner declares in `cdk.json`: workloads and limits. Packaged beside the code, so it is versioned with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from .model import Level
from .serialization import from_json
from .text import Language
from .timestamps import UTC_NAME, zone_named

ChatApprovals = Literal["off", "channel_role", "user_roles_required"]
Topic = Level | Literal["pager"]
TOPICS: tuple[Topic, ...] = (*get_args(Level), "pager")


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """What belongs together, and what its owner promises of it.

    Attributes:
        load_balancer: ARN suffix, `app/portfolio-alb/50dc6c495c0c9188`.
        target_group: ARN suffix, `targetgroup/portfolio-api/73e2d6bc24d8a067`.
        endpoint: base URL that answers the health path, where it can be reached.
        task_ceiling: most tasks that a fix may run; 0 lets no fix run more than there are.
        flow_log_group: CloudWatch log group of the VPC's flow logs, where there is one.
        resources: ARNs of what else belongs to it, of kinds that have no setting of their own.
    """

    name: str
    cluster: str = ""
    service: str = ""
    load_balancer: str = ""
    target_group: str = ""
    tables: tuple[str, ...] = ()
    bucket: str = ""
    distribution: str = ""
    health_path: str = ""
    port: int = 0
    latency_target_ms: int = 0
    endpoint: str = ""
    task_ceiling: int = 0
    flow_log_group: str = ""
    resources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds that no fix passes. The figures are ours where no AWS page or guide row is named.

    Attributes:
        memory_ceiling_mib: largest task memory that a fix may register.
        grace_ceiling_s: a longer health-check grace period hides real faults; beyond it a person decides.
        strikes: so many changes of one runbook on one resource within `strikes_window_s`, and the trouble comes back: then
            no further one (architecture: loop breaker, three strikes).
        person_window_s: a change by somebody else so lately turns `auto` into a question: the guide's mitigation clock
            (30 minutes), twice what CloudTrail may be late.
        cooldown_s: rest after a change of a resource; the guide's recovery clock (60 minutes) bounds it.
        fargate_vcpu_hour_usd: list price of a Fargate vCPU in Tokyo, Linux/x86: set your region's.
        fargate_gb_hour_usd: list price of Fargate memory, Linux/ARM and x86 differ by 20 %: set your region's.
        capacity_ceiling_units: highest provisioned read or write capacity that a fix may set.
        idle_timeout_ceiling_s: longest idle timeout of a load balancer that a fix may set: twice AWS's default of 60;
            who waits longer holds connections that others need, and has most likely gone.
        storm_reports: so many first reports within `storm_window_s` are sent one by one, the next ones together: about as
            many as a person reads within the guide's first response clock (15 minutes).
        storm_window_s: the guide's first response clock.
        persists_rest_s: an alarm that stays in ALARM is looked into again so long after its last incident ended: the guide's
            recovery clock (60 minutes); doubled each time, since a person knows of it by then.
        persists_rest_most_s: and never later than after a day, so that it is not forgotten.
        lease_s: what a fix lends (more tasks, units, wider bounds) is looked at again so long after it was lent: two hours, well
            past the guide's recovery clock (60 minutes) and short against a day's bill; where it is still needed the
            pause doubles each time, to a day.
        rcu_hour_usd, wcu_hour_usd: list prices of provisioned DynamoDB capacity in Tokyo: set your region's.
    """

    changes_per_resource_per_day: int = 3
    changes_per_runbook_per_day: int = 10
    strikes: int = 3
    strikes_window_s: int = 7 * 86400
    person_window_s: int = 1800
    cooldown_s: int = 900
    storm_reports: int = 10
    storm_window_s: int = 900
    persists_rest_s: int = 3600
    persists_rest_most_s: int = 86400
    memory_ceiling_mib: int = 8192
    grace_ceiling_s: int = 600
    cost_ceiling_usd_per_month: float = 200.0
    fargate_gb_hour_usd: float = 0.00553
    fargate_vcpu_hour_usd: float = 0.05056
    capacity_ceiling_units: int = 4000
    idle_timeout_ceiling_s: int = 120
    lease_s: int = 7200
    rcu_hour_usd: float = 0.0001484
    wcu_hour_usd: float = 0.000742


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that is declared for one deployment.

    Attributes:
        language: of all messages, but where `languages` names another.
        languages: by topic (`high`, `medium`, `low`, `pager`). The pagers' topic is English where none is named: rules of
            pagers match on words.
        zone: IANA name of the time zone that people read moments in, with UTC beside it: `Asia/Tokyo`.
        freeze_calendars: SSM change calendars, by name or ARN; while one of them is closed, nothing is changed.
        chat_approvals: whether a chat's button may answer: `off`; `channel_role`, recorded as the channel's role, with the person
            unknown; `user_roles_required`, where the chat configuration asks for each user's own role.
        aws_health: whether AWS Health is asked before a change; its API needs an AWS Business,
            Enterprise On-Ramp or Enterprise Support plan (AWS Health API reference).
    """

    workloads: tuple[Workload, ...] = ()
    limits: Limits = field(default_factory=Limits)
    language: Language = "en"
    languages: Mapping[str, Language] = field(default_factory=dict)
    zone: str = UTC_NAME
    switch_parameter: str = "/remediator/switch"
    freeze_calendars: tuple[str, ...] = ()
    aws_health: bool = False
    chat_approvals: ChatApprovals = "off"

    def language_of(self, topic: Topic) -> Language:
        """The language that is written on `topic`."""
        return self.languages.get(topic, "en" if topic == "pager" else self.language)

    def with_given(self, given: Mapping[str, Mapping[str, str]]) -> "Settings":
        """The same with what only the deployment knows.

        Args:
            given: by workload and setting; empty texts say nothing.

        Raises:
            ValueError: a setting that no workload has.
        """
        for found in given.values():
            _refuse_unknown("workloads", found, Workload)
        known: dict[str, dict[str, Any]] = {
            name: {k: v for k, v in found.items() if v} for name, found in given.items()
        }
        return replace(self, workloads=tuple(replace(w, **known.get(w.name, {})) for w in self.workloads))


def settings_from(declared: Mapping[str, Any]) -> Settings:
    """The `remediator` object of `cdk.json` as settings.

    Raises:
        ValueError: a key that no setting has, so that a misspelt limit is never silently the default; a language that
            the product does not speak, a topic that there is not, a time zone that nobody knows.
    """
    _refuse_unknown("remediator", declared, Settings)
    _refuse_unknown("limits", declared.get("limits", {}), Limits)
    chat = declared.get("chat_approvals", "off")
    if chat not in get_args(ChatApprovals):
        raise ValueError(f"chat_approvals: {chat} is none of {', '.join(get_args(ChatApprovals))}")
    for workload in declared.get("workloads", ()):
        _refuse_unknown("workloads", workload, Workload)
        _refuse_no_arn(workload.get("resources", ()))
    _refuse_unspoken(declared)
    zone_named(declared.get("zone", UTC_NAME))
    return from_json(Settings, declared)


def _refuse_no_arn(listed: Any) -> None:
    if not isinstance(listed, list | tuple):
        raise ValueError(f'workloads.resources: {listed!r} is no list of ARNs; write it as ["arn:aws:..."]')  # noqa: TRY004  # a declaration is wrong, not a type
    for arn in listed:
        if not isinstance(arn, str) or not arn.startswith("arn:") or arn.count(":") < 5:
            raise ValueError(f"workloads.resources: {arn!r} is no ARN")


def _refuse_unspoken(declared: Mapping[str, Any]) -> None:
    """Languages are declared by words that only this file knows."""
    spoken, by_topic = get_args(Language), declared.get("languages", {})
    if not isinstance(by_topic, Mapping):
        raise ValueError(f'languages: {by_topic!r} is no list by topic; write it as {{"high": "ja"}}')  # noqa: TRY004  # a declaration is wrong, not a type
    if unknown := sorted(set(by_topic) - set(TOPICS)):
        raise ValueError(f"languages: unknown topic {', '.join(unknown)}; known are {', '.join(TOPICS)}")
    for where, said in {
        "language": declared.get("language", "en"),
        **{f"languages.{t}": v for t, v in by_topic.items()},
    }.items():
        if said not in spoken:
            raise ValueError(f"{where}: {said} is none of {', '.join(spoken)}")


def _refuse_unknown(where: str, given: Mapping[str, Any], cls: type) -> None:
    known = set(cls.__dataclass_fields__)  # type: ignore[attr-defined]  # it is a dataclass
    unknown = sorted(set(given) - known - {"type"})
    if unknown:
        raise ValueError(f"{where}: unknown {', '.join(unknown)}; known are {', '.join(sorted(known))}")
