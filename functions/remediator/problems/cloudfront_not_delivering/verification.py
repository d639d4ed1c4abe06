"""Whether the distribution delivers again: by its own answers and by CloudWatch's error rates."""

from typing import Any

from ...core.attribution import RecoveryTimeline, attribute, course_of_minutes
from ...core.model import Fact
from ...core.runbook import Judgement, VerificationContext
from ...core.text import Text, same
from ...core.timestamps import seconds_between
from ...resources.cloudfront.model import EdgeAnswer, ErrorRates
from ...resources.s3.model import Contents
from .evidence import Outcome
from .facts import CALM_PCT, OK

SETTLED_S = 120  # CloudFront's metrics come with a delay of a minute or two


COUNTED = 2  # calm minutes in a row


def judge(after: Outcome, context: VerificationContext[Any]) -> Judgement:
    """Fixed means: every path asked for is answered 200 and as its object is, and few requests fail since.

    No data is no pass: without a rate of at least two minutes since, nothing is proved.
    """
    answers, rates = after.answers.get(), after.rates.get()
    wrong = tuple(a for a in answers if a.key and not _fresh(a, after.contents.or_none()))
    calm = _calm(rates, context.since)
    elapsed_s = seconds_between(context.since, context.now)
    facts = _facts(after, answers, rates, context.since)
    if wrong or calm is False:
        return Judgement(None, facts, persists=True)
    answered = bool([a for a in answers if a.key]) or bool(after.distribution.get().guarded)
    if calm is None or not answered or elapsed_s < SETTLED_S:
        return Judgement(None, facts)
    earned = attribute(context.change, course(after, context), context.now)
    return Judgement(earned.verdict, (*earned.facts, *facts))


def course(after: Outcome, context: VerificationContext[Any]) -> RecoveryTimeline:
    """When requests failed last; the answers that were wrong when it was looked at first count as of that look.

    Copies that are old are answered 200, and no minute tells of them: where nothing but old copies was seen, there is
    no course. How far a change of policy or an invalidation has come, only answers show, so none is taken to act later
    than it was made.
    """
    answers, was = context.before.answers.or_none() or (), context.before.rates.or_none() or ErrorRates()
    if not any(a.key and a.status != OK for a in answers):
        return RecoveryTimeline()
    rates = after.rates.get()
    client, server = (*was.client, *rates.client), (*was.server, *rates.server)
    return course_of_minutes(
        bad=[r.at for r in (*client, *server) if r.pct > CALM_PCT],
        counted={r.at for r in client} & {r.at for r in server},
        source=after.rates.source,
        seen_at=context.before.answers.read_at,
    )


def _fresh(answer: EdgeAnswer, contents: Contents | None) -> bool:
    stored = [] if contents is None else [*contents.objects, *([contents.root] if contents.root else [])]
    written = next((o.modified_at for o in stored if o.key == answer.key), "")
    old = bool(answer.modified_at and written) and seconds_between(answer.modified_at, written) > 1
    return answer.status == OK and not old


def _calm(rates: ErrorRates, since: str) -> bool | None:
    """Whether the newest minutes since show few errors; None where there are too few of them."""
    each = [[r.pct for r in kind if r.at >= since][-COUNTED:] for kind in (rates.client, rates.server)]
    if any(pct > CALM_PCT for kind in each for pct in kind):
        return False
    return True if min(len(kind) for kind in each) >= COUNTED else None


def _facts(after: Outcome, answers: tuple[EdgeAnswer, ...], rates: ErrorRates, since: str) -> tuple[Fact, ...]:
    shown = [after.answers.fact(same(f"GET {a.path}"), f"HTTP {a.status} ({a.cache or '-'})") for a in answers if a.key]
    for label, kind in (("4xxErrorRate", rates.client), ("5xxErrorRate", rates.server)):
        counted = [r for r in kind if r.at >= since]
        value = f"{counted[-1].pct:.1f} % ({counted[-1].at})" if counted else "-"
        shown.append(after.rates.fact(Text(f"newest {label} since", f"その後の最新 {label}"), value))
    return tuple(shown)
