"""What a report says of a distribution: facts of its causes, its situation, what plans would replace."""

import json
from hashlib import sha256

from .bucket_policy import Admission, statements_of
from .delivery import CALM_PCT, FIRST_ERROR, DeliveryEvidence, Fault, Stale, admission
from .distribution import ErrorRates
from .evidence import Unchecked
from .model import Fact
from .text import Text, same

SHOWN = 5
NO_POLICY = "none"


def policy_facts(e: DeliveryEvidence, said: Admission) -> tuple[Fact, ...]:
    """Who reads how, and what the policy says to it."""
    origin = e.distribution.get().origin
    signed = {"oac": f"OAC {origin.oac}", "oai": f"OAI {origin.oai}"}.get(said.access, "-")
    return (
        e.policy.fact(said.why, origin.bucket),
        e.distribution.fact(Text("origin access", "オリジンアクセス"), signed),
        *refusal_facts(e),
    )


def key_facts(e: DeliveryEvidence, said: Admission) -> tuple[Fact, ...]:
    """Which key, and what its policy says."""
    return (e.key_policy.fact(said.why, e.key_policy.get().arn), *refusal_facts(e))


def refusal_facts(e: DeliveryEvidence) -> tuple[Fact, ...]:
    """What the distribution answers."""
    failing = [a for a in e.answers.or_none() or () if a.status >= FIRST_ERROR]
    return tuple(e.answers.fact(same(f"GET {a.path}"), f"HTTP {a.status} ({a.cache or '-'})") for a in failing[:SHOWN])


def fault_facts(e: DeliveryEvidence, found: tuple[Fault, ...]) -> tuple[Fact, ...]:
    """Each setting with its value, and the right one where it is known."""
    shown = ((f.what, f"{f.setting}: {f.now or '-'}" + (f" -> {f.wanted}" if f.wanted else "")) for f in found)
    return (*(e.distribution.fact(label, value) for label, value in shown), *refusal_facts(e))


def stale_facts(e: DeliveryEvidence, found: tuple[Stale, ...]) -> tuple[Fact, ...]:
    """Each path: what is cached, and the object behind it."""
    label = Text("cached answer / object written", "キャッシュの応答 / オブジェクトの更新時刻")
    return tuple(
        e.answers.fact(
            label,
            f"{s.answer.path}: HTTP {s.answer.status}, {s.answer.cache or '-'}, {s.answer.modified_at or '-'} / "
            f"{s.object.modified_at}",
        )
        for s in found[:SHOWN]
    )


def mode(e: DeliveryEvidence) -> str | None:
    """The opt-in tag of what would be written to: the bucket where its policy lacks a statement, else the distribution."""
    try:
        bucket = admission(e).word == "lacks" and e.bucket.get().exists and e.bucket.get().name
    except Unchecked:
        bucket = ""
    tags = e.bucket.get().tags if bucket else e.distribution.get().tags
    return tags.get("auto-remediation")


def image(e: DeliveryEvidence) -> dict[str, str]:
    """What plans replace, as it is now."""
    asked = e.invalidations.or_none() or ()
    return {
        "bucketPolicy": policy_named(e.policy.get().text),
        "invalidations": ", ".join(sorted(i.reference for i in asked)) or NO_POLICY,
    }


def policy_named(text: str | None) -> str:
    """A policy by its statements' names and a hash of its meaning; the text itself stands in the plan's calls."""
    if text is None:
        return NO_POLICY
    own = statements_of(text)
    if own is None:
        return f"not understood ({sha256(text.encode()).hexdigest()[:12]})"
    sids = ", ".join(str(s.get("Sid", n))[:60] for n, s in enumerate(own[-SHOWN:], 1 + max(0, len(own) - SHOWN)))
    before = f"{len(own) - SHOWN} before, " if len(own) > SHOWN else ""
    meaning = json.dumps(json.loads(text), sort_keys=True)
    return f"{before}{sids} (sha256 {sha256(meaning.encode()).hexdigest()[:12]})"


def about(e: DeliveryEvidence) -> tuple[Fact, ...]:
    """Since when, who is affected, and how the distribution stands."""
    facts: list[Fact] = []
    if rates := e.rates.or_none():
        if since := failing_since(rates):
            facts.append(e.rates.fact(Text("since", "発生時刻"), since))
        if rates.requests:
            label = Text(
                "users: requests / 4xx / 5xx in the newest minute", "利用者への影響: リクエスト数 / 最新の 4xx / 5xx"
            )
            facts.append(e.rates.fact(label, f"{rates.requests} / {newest(rates)}"))
    if told := e.distribution.or_none():
        state = f"{told.status}, {'enabled' if told.enabled else 'disabled'}, {told.origin.domain}{told.origin.path}"
        facts.append(
            e.distribution.fact(Text("distribution and its origin", "ディストリビューションとオリジン"), state)
        )
    return tuple(facts)


def failing_since(rates: ErrorRates) -> str:
    """The first minute of the window with more than 5 % errors; empty where there is none."""
    bad = [r.at for r in (*rates.client, *rates.server) if r.pct > CALM_PCT]
    return min(bad, default="")


def newest(rates: ErrorRates) -> str:
    """The newest rates, `12.5 % / 0.0 %`; a rate without data is `-`."""
    return " / ".join(f"{r[-1].pct:.1f} %" if r else "-" for r in (rates.client, rates.server))


def stack(e: DeliveryEvidence) -> str | None:
    """The CloudFormation stack that owns the distribution."""
    owner = e.stack.or_none()
    return owner.name if owner and owner.name else None
