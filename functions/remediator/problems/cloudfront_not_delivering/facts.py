"""What the readings say of a distribution: how it reads its origin, who is refused, error rates."""

import json
import shlex
from hashlib import sha256

from ...core.evidence import Unchecked
from ...core.model import OPT_IN_TAG, Fact
from ...core.text import Text, same
from ...resources.cloudfront.model import Distribution, EdgeAnswer, ErrorRates, origin_read
from ...resources.s3.bucket_policy import Admission, judge, statements_of
from ...resources.s3.bucket_policy_texts import AWS_KEY, KEY_NEEDS_OAC
from ...resources.s3.origin_read import OriginRead
from .evidence import Evidence

LOOK_AT_DISTRIBUTION = "aws cloudfront get-distribution-config --id <distribution-id>"
DOES_NOT_FIT = Text(
    "The missing statement cannot be added by the program: the policy is not understood, would be too large or not admit "
    "the distribution even then.",
    "不足しているステートメントをプログラムでは追加できません（ポリシーを解釈できない、サイズ上限を超える、"
    "または追加しても許可されません）。",
)


SHOWN = 5


NO_POLICY = "none"
OK, FIRST_ERROR = 200, 400
CALM_PCT = 5.0  # the stack's own alarms: more than 5 % of the requests fail
ID = "cloudfront_not_delivering"


def policy_facts(e: Evidence, said: Admission) -> tuple[Fact, ...]:
    """Who reads how, and what the policy says to it."""
    origin = e.distribution.get().origin
    signed = {"oac": f"OAC {origin.oac}", "oai": f"OAI {origin.oai}"}.get(said.access, "-")
    return (
        e.policy.fact(said.why, origin.bucket),
        e.distribution.fact(Text("origin access", "オリジンアクセス"), signed),
        *refusal_facts(e),
    )


def key_facts(e: Evidence, said: Admission) -> tuple[Fact, ...]:
    """Which key, and what its policy says."""
    return (e.key_policy.fact(said.why, e.key_policy.get().arn), *refusal_facts(e))


def refusal_facts(e: Evidence) -> tuple[Fact, ...]:
    """What the distribution answers."""
    failing = [a for a in e.answers.or_none() or () if a.status >= FIRST_ERROR]
    return tuple(e.answers.fact(same(f"GET {a.path}"), f"HTTP {a.status} ({a.cache or '-'})") for a in failing[:SHOWN])


def opt_in_tag(e: Evidence) -> str | None:
    """The opt-in tag of what would be written to: the bucket where its policy lacks a statement, else the distribution."""
    try:
        bucket = admission(e).word == "lacks" and e.bucket.get().exists and e.bucket.get().name
    except Unchecked:
        bucket = ""
    tags = e.bucket.get().tags if bucket else e.distribution.get().tags
    return tags.get(OPT_IN_TAG)


def current_values(e: Evidence) -> dict[str, str]:
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


def situation(e: Evidence) -> tuple[Fact, ...]:
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
    if found := e.distribution.or_none():
        state = (
            f"{found.status}, {'enabled' if found.enabled else 'disabled'}, {found.origin.domain}{found.origin.path}"
        )
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


def read_of(e: Evidence, key_arn: str = "") -> OriginRead:
    """Who reads, as the policy of the bucket (or of the key) sees it."""
    distribution, access = e.distribution.get(), e.access.get()
    account = distribution.arn.split(":")[4]
    return origin_read(distribution, access, account, public_blocked=e.public_blocked.or_none(), key_arn=key_arn)


def admission(e: Evidence) -> Admission:
    """What the bucket policy says of the distribution's reads."""
    return judge(e.policy.get().text, read_of(e))


def key_admission(e: Evidence) -> Admission | None:
    """What the key's policy says of them; None where the bucket uses no key of KMS.

    Source: AWS, CloudFront Developer Guide: with SSE-KMS the key's policy must admit the service on behalf of the
    distribution; AWS's own key aws/s3 cannot be given to it, and an origin access identity cannot decrypt.
    """
    key = e.key_policy.get()
    if not key.arn:
        return None
    read = read_of(e, key.arn)
    if key.manager == "AWS":
        return Admission(word="denies", why=AWS_KEY, access=read.access)
    if read.access != "oac":
        return Admission(word="denies", why=KEY_NEEDS_OAC, access=read.access)
    return judge(key.text, read)


def refused(e: Evidence) -> bool:
    """Whether the distribution answered 403 where an object is."""
    return any(a.status == 403 and a.key for a in e.answers.or_none() or ())  # Forbidden


def fetched(e: Evidence) -> EdgeAnswer | None:
    """An answer that the distribution has just got from its origin: nothing keeps it out."""
    answers = e.answers.or_none() or ()
    return next((a for a in answers if a.status == OK and a.cache.lower().startswith(("miss", "refreshhit"))), None)


def origin_fine(e: Evidence) -> bool:
    """Whether a fetch would succeed now: enabled, deployed, admitted by bucket and key.

    Raises:
        Unchecked: a policy that is not understood.
    """
    distribution = e.distribution.get()
    if distribution.origin.kind == "custom" or not distribution.enabled or distribution.status != "Deployed":
        return False
    said = [a for a in (admission(e), key_admission(e)) if a is not None]
    if unclear := next((a for a in said if a.word == "cannot_tell"), None):
        raise Unchecked(unclear.why.en)
    return all(a.word == "admits" for a in said)


def look_at(distribution: Distribution) -> str:
    """Shows the distribution's config."""
    return f"aws cloudfront get-distribution-config --id {shlex.quote(distribution.id)}"
