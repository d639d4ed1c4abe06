"""Whether the load balancer stopped answering 5xx: by its metrics, its targets and the endpoint."""

from typing import Any

from ...core.attribution import RecoveryTimeline, attribute, course_of_minutes
from ...core.model import Fact
from ...core.runbook import Judgement, VerificationContext
from ...core.text import Text
from ...resources.endpoint import Endpoint
from ...resources.load_balancing.model import TargetGroup
from ...resources.load_balancing.target_health import in_use
from .evidence import Outcome
from .model import Minute

QUIET_MINUTES = 3  # the stack's alarms look at three minutes: so many good ones end each of them


USUAL_PER_MINUTE = 5  # the stack's alarms tolerate so many; a single error is no incident


def judge(after: Outcome, context: VerificationContext[Any]) -> Judgement:
    """Fixed means: the newest minutes have requests and no more errors than usual, targets pass, the endpoint answers.

    A minute without a datapoint of requests tells nothing: neither that it was good nor that it was bad.
    """
    groups, answers, endpoint = after.groups.get(), after.answers.get(), after.endpoint.or_none()
    minutes = tuple(m for m in answers.minutes if m.at >= context.since)
    newest = minutes[-QUIET_MINUTES:]
    bad = [m for m in newest if _errors(m) > USUAL_PER_MINUTE]
    before = context.before.answers.or_none()
    own = bool(before and before.leading)  # else it was about the application's answers
    application = not own and answers.target_5xx > USUAL_PER_MINUTE * max(1, len(minutes))
    known = len(newest) == QUIET_MINUTES and all(m.requests for m in newest)
    facts = _facts(after, newest, groups, endpoint)
    used = [g for g in groups if in_use(g)]
    healthy = bool(used) and all(g.healthy == len(in_use(g)) for g in used)
    answered = endpoint is not None and (not endpoint.url or 200 <= endpoint.status < 300)
    if known and not bad and not application and healthy and answered:
        earned = attribute(context.change, course(after, context), context.now)
        return Judgement(earned.verdict, (*earned.facts, *facts))
    return Judgement(None, facts, persists=bool(bad) or application or not healthy)


def course(after: Outcome, context: VerificationContext[Any]) -> RecoveryTimeline:
    """When the load balancer failed last by itself; of the application's errors no minute is told, so there is none."""
    was = context.before.answers.or_none()
    if was is None or not was.leading:
        return RecoveryTimeline()
    minutes = (*was.minutes, *after.answers.get().minutes)
    return course_of_minutes(
        bad=[m.at for m in minutes if _errors(m) > USUAL_PER_MINUTE],
        counted=(m.at for m in minutes if m.requests),
        source=after.answers.source,
    )


def _errors(minute: Minute) -> int:
    return max(minute.failed, sum(minute.by_code.values()))


def _facts(
    after: Outcome, newest: tuple[Minute, ...], groups: tuple[TargetGroup, ...], endpoint: Endpoint | None
) -> tuple[Fact, ...]:
    counted = ", ".join(f"{_errors(m)} / {'-' if m.requests is None else m.requests}" for m in newest) or "-"
    label = Text("5xx of the load balancer / requests, newest minutes", "ALB の 5xx / リクエスト数（直近の各分）")
    facts = [after.answers.fact(label, counted)]
    healthy = f"{sum(g.healthy for g in groups)} / {sum(len(in_use(g)) for g in groups)}"
    facts.append(after.groups.fact(Text("healthy targets / in use", "正常 / 使用中のターゲット"), healthy))
    if target := after.answers.get().target_5xx:
        facts.append(after.answers.fact(Text("5xx of the application", "アプリの 5xx"), str(target)))
    if endpoint is None or endpoint.url:
        said = f"HTTP {endpoint.status}" if endpoint else "nothing"
        facts.append(after.endpoint.fact(Text("endpoint answered", "エンドポイントの応答"), said))
    return tuple(facts)
