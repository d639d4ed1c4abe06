"""What the owner declares for a deployment: the context of `cdk.json`, with `-c key=value` on top."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from infra import ROOT
from remediator.core.model import MODES
from remediator.core.settings import Settings, settings_from
from remediator.resources.kinds import kinds, of_arn

SECRET_ARN = re.compile(r"arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+-[A-Za-z0-9]{6}", re.ASCII)
CDK_JSON = ROOT / "cdk.json"
WORKSPACE, CHANNEL = re.compile(r"T[A-Z0-9]{2,30}"), re.compile(r"[CG][A-Z0-9]{2,30}")  # as Slack writes them
CHAT_TOPICS = ("high", "medium", "low")  # what is for pagers is no message for people


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackChannel:
    """Where Amazon Q Developer in chat applications shows the reports.

    Attributes:
        workspace: id of the Slack workspace, `T0123456789`, authorised once in the AWS console.
        channel: id of the channel, `C0123456789`.
        topics: whose reports are shown there.
    """

    workspace: str
    channel: str
    topics: tuple[str, ...] = CHAT_TOPICS


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """One deployment.

    Attributes:
        settings: what the functions read, as values.
        settings_json: the same as it is written into the bundle.
        switch: what the kill switch says when the stack is first created, never afterwards.
        pass_roles: roles that fixes may hand to ECS tasks, as ARNs or as paths: `role/portfolio-*`.
        durable_regions: where Lambda durable functions are offered; elsewhere the deployment fails with a word.
        intake_concurrency: how many copies of intake read the queue at once.
        reserved_concurrency: by function, only where the account's quota makes it necessary.
        dashboard: whether a CloudWatch dashboard is made.
        chat: the Slack channel that is told, None where there is none.
        slack_webhook_secret: ARN of the secret that holds a Slack webhook; empty where there is none.
    """

    settings: Settings
    settings_json: str
    switch: str = "observe"
    pass_roles: tuple[str, ...] = ()
    durable_regions: tuple[str, ...] = ()
    log_days: int = 90
    intake_concurrency: int = 5
    reserved_concurrency: Mapping[str, int] = field(default_factory=dict)
    dashboard: bool = True
    chat: SlackChannel | None = None
    slack_webhook_secret: str = ""


def cdk_context() -> Mapping[str, Any]:
    """The context of `cdk.json`, which the CDK reads only when its CLI runs the app."""
    context: Mapping[str, Any] = json.loads(CDK_JSON.read_text())["context"]
    return context


def declared_from(context: Callable[[str], Any]) -> Declared:
    """The declaration.

    Args:
        context: gives the value of a key, None where there is none.

    Raises:
        ValueError: a key that no setting has, or a value that cannot be meant.
    """
    raw = context("remediator") or {}
    switch = context("switch") or "observe"
    if switch not in MODES:
        raise ValueError(f"switch: {switch} is none of {', '.join(MODES)}")
    settings = settings_from(raw)
    _refuse_unknown_kinds(settings)
    return Declared(
        settings=settings,
        settings_json=json.dumps(raw, sort_keys=True, ensure_ascii=False, indent=1) + "\n",
        switch=switch,
        pass_roles=_listed(context("pass_roles")),
        durable_regions=_listed(context("durable_regions")),
        log_days=int(context("log_retention_days") or 90),
        intake_concurrency=int(context("intake_concurrency") or 5),
        reserved_concurrency=context("reserved_concurrency") or {},
        dashboard=_yes(context("dashboard")),
        chat=_chat(context("chat")),
        slack_webhook_secret=_secret_arn(context("slack_webhook_secret")),
    )


def _refuse_unknown_kinds(settings: Settings) -> None:
    unknown = [arn for workload in settings.workloads for arn in workload.resources if of_arn(arn) is None]
    if unknown:
        known = ", ".join(sorted(kind.name for kind in kinds()))
        raise ValueError(f"workloads.resources: {unknown[0]} is of no known kind; known are {known}")


def _yes(value: Any) -> bool:
    """`true` or `false` of `cdk.json` or of `-c dashboard=false`; not said at all is true."""
    said = {None: True, True: True, False: False, "true": True, "false": False}
    if not isinstance(value, str | bool | None) or value not in said:
        raise ValueError(f"dashboard: {value} is neither true nor false")
    return said[value]


def _chat(found: Any) -> SlackChannel | None:
    if not found:
        return None
    if not isinstance(found, Mapping) or set(found) - {"workspace", "channel", "topics"}:
        raise ValueError('chat: {"workspace": "T...", "channel": "C...", "topics": ["high", "medium", "low"]}')
    workspace, channel = str(found.get("workspace", "")), str(found.get("channel", ""))
    if not workspace and not channel:
        return None
    if not WORKSPACE.fullmatch(workspace) or not CHANNEL.fullmatch(channel):
        raise ValueError("chat: workspace is an id like T0123456789, channel one like C0123456789")
    topics = _listed(found.get("topics", CHAT_TOPICS))
    if unknown := [t for t in topics if t not in CHAT_TOPICS]:
        raise ValueError(f"chat: topics: {', '.join(unknown)} is none of {', '.join(CHAT_TOPICS)}")
    return SlackChannel(workspace=workspace, channel=channel, topics=topics)


def _listed(value: Any) -> tuple[str, ...]:
    """A list of `cdk.json`, or what `-c key=one,two` gives."""
    named = value.split(",") if isinstance(value, str) else value or ()
    return tuple(n.strip() for n in named)


def _secret_arn(declared: object) -> str:
    """The secret's ARN as declared, empty where Slack is not wanted.

    Raises:
        ValueError: it is no whole ARN of a secret; the role names exactly one.
    """
    arn = str(declared or "").strip()
    if arn and not SECRET_ARN.fullmatch(arn):
        raise ValueError(
            f"slack_webhook_secret: {arn} is no ARN of a secret; it ends in six signs that Secrets Manager added: "
            "aws secretsmanager describe-secret --secret-id NAME --query ARN"
        )
    return arn
