"""Whether a bucket policy (or the policy of the bucket's KMS key) lets a CloudFront distribution read, and what is missing.

Pure; written after what AWS documents of policy evaluation: an explicit Deny wins, without an Allow nothing is admitted.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from ...core.text import Text
from ..iam.conditions import Met, Outcome, conditions_met
from ..iam.statements import condition_keys, names_action, principals
from . import bucket_policy_texts as words
from .origin_read import SERVICE, Access, OriginRead, asks_as, covers, covers_key, known_of

Word = Literal["admits", "lacks", "denies", "cannot_tell"]
POLICY_CHARS = 80_000  # S3 takes 20 KB, KMS 32 KB; four times as much leaves room for whitespace
S3_POLICY_BYTES = 20_480  # AWS, S3 User Guide: bucket policies are limited to 20 KB
STATEMENTS_READ = 500
STRANGER = OriginRead(access="oac", distribution="E0STRANGER", account="000000000000")  # nobody means to admit it
GET, DECRYPT = "s3:GetObject", "kms:Decrypt"
Statement = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What a policy says of a distribution's reads.

    Attributes:
        word: admits; lacks a statement; a statement denies; or a condition or form that is not understood.
        why: in words, with what was found.
        access: as which kind of reader it was judged.
        statement: `Sid` of the deciding statement or its number from 1; empty where none decides.
        open_to: whom the admitting statement lets read besides: every distribution of any account, everyone; or nobody.
    """

    word: Word
    why: Text
    access: Access
    statement: str = ""
    open_to: Literal["", "every_distribution", "everyone"] = ""

    @property
    def at_fault(self) -> bool:
        """Whether the policy is to be changed: nothing is delivered, or any stranger's distribution may deliver it."""
        return self.word in ("lacks", "denies") or self.open_to == "every_distribution"


@dataclass(frozen=True, slots=True)
class _Look:
    """One statement against one read; the first part that is not met says why it does not count."""

    name: str
    statement: Statement
    asker: Met
    action: bool
    covered: str
    condition: Outcome

    @property
    def counts(self) -> Met:
        if self.asker is False or not self.action or self.covered == "none" or self.condition.met is False:
            return False
        return None if None in (self.asker, self.condition.met) else True

    @property
    def near(self) -> int:
        """How much of the statement fits: the nearest one is what somebody meant to write for this reader."""
        return 4 * (self.asker is not False) + 2 * self.action + (self.covered != "none")


def judge(policy: Any, read: OriginRead) -> Admission:
    """What the policy says of the read.

    Args:
        policy: the document as text or as an object; one statement alone is taken as a policy of one; None: there is none.
        read: what is known of who reads. Where it is not known how the distribution signs, what the policy itself names
            decides what it is judged for. A policy on `kms:` actions is judged for `kms:Decrypt`.
    """
    if policy is None:
        return Admission(word="lacks", why=words.NO_POLICY, access=read.access)
    statements = statements_of(policy)
    if statements is None:
        return Admission(word="cannot_tell", why=words.NOT_READ, access=read.access)
    action = DECRYPT if read.key_arn or _about_keys(statements) else GET
    found = [_judged(statements, action, replace(read, access=a)) for a in _accesses(statements, read)]
    order: tuple[Word, ...] = ("admits", "cannot_tell", "denies", "lacks")
    return min(found, key=lambda f: order.index(f.word))


def statements_of(policy: Any) -> tuple[Statement, ...] | None:
    """The statements of a policy, None where it is not one that AWS would take."""
    document = _document(policy)
    if document is None:
        return None
    found = [document] if "Effect" in document else document.get("Statement")
    listed = [found] if isinstance(found, Mapping) else found
    if not isinstance(listed, list | tuple) or not listed or len(listed) > STATEMENTS_READ:
        return None
    whole = all(isinstance(s, Mapping) and s.get("Effect") in ("Allow", "Deny") for s in listed)
    return tuple(listed) if whole else None


def _document(policy: Any) -> Mapping[str, Any] | None:
    if not isinstance(policy, str):
        return policy if isinstance(policy, Mapping) else None
    if len(policy) > POLICY_CHARS:
        return None
    try:
        read = json.loads(policy)
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, Mapping) else None


def _about_keys(statements: Sequence[Statement]) -> bool:
    return any(names_action(s, DECRYPT) and not names_action(s, GET) for s in statements)


def _accesses(statements: Sequence[Statement], read: OriginRead) -> tuple[Access, ...]:
    """As whom to judge: what is known, else whom the policy's own Allow statements speak of."""
    if read.access != "unknown":
        return (read.access,)
    named = [p for s in statements if s["Effect"] == "Allow" for p in principals(s)]
    meant: list[Access] = []
    if any(kind == "Service" for kind, _ in named):
        meant.append("oac")
    if any(kind == "CanonicalUser" or ":iam::cloudfront:" in value for kind, value in named):
        meant.append("oai")
    if not meant and any(value == "*" for _, value in named):
        meant.append("anonymous")
    return tuple(meant) or ("oac",)


def _judged(statements: Sequence[Statement], action: str, read: OriginRead) -> Admission:
    looks = [_look(n, s, action, read) for n, s in enumerate(statements, 1)]
    denials = [x for x in looks if x.statement["Effect"] == "Deny" and x.counts is not False and x.covered == "all"]
    allows = [x for x in looks if x.statement["Effect"] == "Allow"]
    if denies := next((x for x in denials if x.counts), None):
        why = words.denied(denies.name, _what_denies(denies))
        return Admission(word="denies", why=why, statement=denies.name, access=read.access)
    admitting = [x for x in allows if x.counts and x.covered == "all"]
    if admitting:
        return _admitted(admitting, denials, read)
    if unsure := next((x for x in allows if x.counts is None and x.covered == "all"), None):
        why = words.not_understood(unsure.name, unsure.condition.by)
        return Admission(word="cannot_tell", why=why, statement=unsure.name, access=read.access)
    nearest = max(allows, key=lambda x: x.near, default=None)
    why = _why_lacking(nearest, action, read)
    near = nearest.name if nearest and nearest.asker is not False else ""
    return Admission(word="lacks", why=why, statement=near, access=read.access)


def _admitted(admitting: Sequence[_Look], denials: Sequence[_Look], read: OriginRead) -> Admission:
    if denials:
        why = words.not_understood(denials[0].name, denials[0].condition.by)
        return Admission(word="cannot_tell", why=why, statement=denials[0].name, access=read.access)
    narrow = [x for x in admitting if not _open_to(x)]
    by = (narrow or list(admitting))[0]
    open_to = _open_to(by)
    if open_to == "everyone" and read.public_blocked and read.access != "oac":
        return Admission(word="denies", why=words.BLOCKED, statement=by.name, access=read.access)
    why = words.admitted(by.name, open_to)
    return Admission(word="admits", why=why, statement=by.name, access=read.access, open_to=open_to)


def _look(number: int, statement: Statement, action: str, read: OriginRead) -> _Look:
    sid = statement.get("Sid")
    return _Look(
        name=sid[:100] if isinstance(sid, str) and sid else str(number),
        statement=statement,
        asker=asks_as(statement, read),
        action=names_action(statement, action),
        covered=(covers_key if action == DECRYPT else covers)(statement, read),
        condition=conditions_met(statement.get("Condition"), known_of(read)),
    )


def _open_to(look: _Look) -> Literal["", "every_distribution", "everyone"]:
    keys = {key.lower() for _, key in condition_keys(look.statement)}
    if any(value == "*" for _, value in principals(look.statement)):
        return "" if keys else "everyone"
    service = any(kind == "Service" for kind, _ in principals(look.statement))
    strangers_too = conditions_met(look.statement.get("Condition"), known_of(STRANGER)).met
    return "every_distribution" if service and strangers_too else ""


def _what_denies(look: _Look) -> str:
    if "NotPrincipal" in look.statement:
        return "NotPrincipal"
    return ", ".join(f"{operator} {key}" for operator, key in condition_keys(look.statement))[:200]


def _why_lacking(nearest: _Look | None, action: str, read: OriginRead) -> Text:
    who = SERVICE if read.access == "oac" else read.access
    if nearest is None or nearest.asker is False:
        return words.nobody(read.access, who)
    if not nearest.action:
        return words.other_action(nearest.name, action)
    if nearest.covered == "none":
        return words.other_objects(nearest.name, read.bucket, action)
    if nearest.condition.met is False:
        return words.other_condition(nearest.name, nearest.condition.by, read.distribution_arn)
    return words.some_objects(nearest.name)


def missing_statement(read: OriginRead) -> Mapping[str, Any]:
    """The one Allow statement that would admit exactly this distribution.

    Raises:
        ValueError: what binds it to one reader is not known.
    """
    if read.access == "oai" and read.oai and read.bucket and not read.key_arn:
        who = f"arn:{read.partition or 'aws'}:iam::cloudfront:user/CloudFront Origin Access Identity {read.oai}"
        bound: Mapping[str, Any] = {}
        principal = {"AWS": who}
    elif read.access == "oac" and read.distribution_arn and (read.bucket or read.key_arn):
        bound = {"Condition": {"StringEquals": {"AWS:SourceArn": read.distribution_arn}}}
        principal = {"Service": SERVICE}
    else:
        raise ValueError("a statement is bound to one distribution or one identity, and that is not known")
    objects = f"arn:{read.partition or 'aws'}:s3:::{read.bucket}/{read.prefix}*"
    return {
        "Sid": f"AllowCloudFront{read.distribution}",
        "Effect": "Allow",
        "Principal": principal,
        "Action": DECRYPT if read.key_arn else GET,
        "Resource": "*" if read.key_arn else objects,
        **bound,
    }


def merged(policy: str | None, statement: Mapping[str, Any]) -> str:
    """The policy with `statement` added behind its own, all else as it was.

    Raises:
        ValueError: the policy is not understood, or what comes out is larger than S3 takes.
    """
    document = {"Version": "2012-10-17", "Statement": []} if policy is None else _document(policy)
    own = () if policy is None else statements_of(policy)
    if document is None or own is None:
        raise ValueError("the policy is not understood")
    taken = {s.get("Sid") for s in own}
    sid = next(s for n in range(len(own) + 1) if (s := f"{statement['Sid']}{n or ''}") not in taken)
    whole = {**document, "Statement": [*own, {**statement, "Sid": sid}]}
    text = json.dumps(whole, separators=(",", ":"), ensure_ascii=False)
    if len(text.encode()) > S3_POLICY_BYTES:
        raise ValueError(f"the policy would have more than {S3_POLICY_BYTES} bytes")
    return text
