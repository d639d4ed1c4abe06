"""A distribution's read of its S3 origin as IAM sees it: who asks, for what, and which condition keys the request carries.

Source: AWS, CloudFront Developer Guide, "Restrict access to an Amazon S3 origin" (OAC asks as the service
`cloudfront.amazonaws.com` on behalf of the distribution's ARN, an OAI as a user of its own); IAM User Guide, "AWS global
condition context keys" (which keys are absent). That CloudFront sends `aws:SourceAccount` too is an assumption.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..iam.conditions import ABSENT, Known, Met
from ..iam.statements import is_placeholder, matches, principals, texts

Access = Literal["oac", "oai", "anonymous", "unknown"]
Covers = Literal["all", "part", "none"]
SERVICE = "cloudfront.amazonaws.com"
OAI = re.compile(r"arn:(aws[a-z-]*):iam::cloudfront:user/CloudFront Origin Access Identity (.+)", re.ASCII)
OAI_ID = re.compile(r"E[A-Z0-9]{6,20}", re.ASCII)
CANONICAL = re.compile(r"[0-9a-f]{64}", re.ASCII)
PROBES = ("\x02", "\x02/\x02")  # keys that no pattern names by chance: what covers both covers every key


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginRead:
    """One distribution that reads one bucket; what is empty is not known, and then only the form is judged.

    Attributes:
        access: how it signs: origin access control, origin access identity, or not at all.
        distribution: its id.
        account: of the distribution.
        oai: id of the origin access identity.
        canonical_user: S3's canonical user id of that identity.
        prefix: what every key begins with, the origin path without its first slash: `site/`.
        public_blocked: whether RestrictPublicBuckets is on, for the bucket or its account.
        key_arn: of the KMS key, where its policy is judged.
    """

    access: Access = "unknown"
    bucket: str = ""
    distribution: str = ""
    account: str = ""
    partition: str = ""
    oai: str = ""
    canonical_user: str = ""
    prefix: str = ""
    public_blocked: bool | None = None
    key_arn: str = ""

    @property
    def distribution_arn(self) -> str:
        """ARN of the distribution, empty where a part of it is not known."""
        if not self.distribution or not self.account:
            return ""
        return f"arn:{self.partition or 'aws'}:cloudfront::{self.account}:distribution/{self.distribution}"


def asks_as(statement: Mapping[str, Any], read: OriginRead) -> Met:
    """Whether the statement is about who asks, by `Principal` or by `NotPrincipal`; wildcards stand for everyone only."""
    element = "NotPrincipal" if "NotPrincipal" in statement else "Principal"
    found = {_is_asker(kind, value, read) for kind, value in principals(statement, element)}
    met: Met = True if True in found else (None if None in found else False)
    return met if element == "Principal" or met is None else not met


def _is_asker(kind: str, value: str, read: OriginRead) -> Met:
    if value == "*":
        return kind in ("AWS", "*")
    if read.access == "oac":
        return kind == "Service" and value == SERVICE
    if read.access != "oai":
        return False
    if kind == "CanonicalUser":
        return _is_canonical(value, read)
    named = OAI.fullmatch(value) if kind == "AWS" else None
    return named is not None and _is_oai(named[2], read)


def _is_canonical(value: str, read: OriginRead) -> Met:
    if read.canonical_user:
        return value == read.canonical_user
    well_formed = CANONICAL.fullmatch(value) is not None
    return None if well_formed and read.oai else well_formed or is_placeholder(value)


def _is_oai(id: str, read: OriginRead) -> bool:
    if read.oai:
        return id == read.oai
    if is_placeholder(id):
        return "distribution" not in id.lower()  # what is to be filled in there is the id of something else
    return OAI_ID.fullmatch(id) is not None and id != read.distribution


def covers_key(statement: Mapping[str, Any], read: OriginRead) -> Covers:
    """Whether a statement of a key policy is about the key; in a key policy `*` means just that key."""
    named = texts(statement.get("Resource"))
    return "all" if any(matches(p, read.key_arn or p) for p in named) else "none"


def covers(statement: Mapping[str, Any], read: OriginRead) -> Covers:
    """Which of the objects that the distribution reads the statement is about, by `Resource` or by `NotResource`."""
    element = "NotResource" if "NotResource" in statement else "Resource"
    found = [_covered(pattern, read) for pattern in texts(statement.get(element))]
    most: Covers = "all" if "all" in found else ("part" if "part" in found else "none")
    if element == "Resource":
        return most
    return {"all": "none", "part": "part", "none": "all"}[most]  # type: ignore[return-value]  # of a Covers


def _covered(pattern: str, read: OriginRead) -> Covers:
    if pattern == "*":
        return "all"
    parts = pattern.split(":", 5)
    if len(parts) != 6 or parts[2] not in ("s3", "*") or "/" not in parts[5]:  # an ARN's parts
        return "all" if len(parts) == 6 and parts[5] == "*" and parts[2] == "s3" else "none"
    bucket, key = parts[5].split("/", 1)
    place = f"arn:{read.partition or parts[1]}:s3:::"
    here = read.bucket or bucket
    if all(matches(pattern, f"{place}{here}/{read.prefix}{probe}") for probe in PROBES):
        return "all"
    head = re.split(r"[*?]", key, maxsplit=1)[0]
    overlaps = head.startswith(read.prefix) or read.prefix.startswith(head)
    return "part" if matches(bucket, here) and overlaps and matches(parts[1], read.partition or parts[1]) else "none"


def known_of(read: OriginRead) -> Known:
    """The condition keys of the request, as far as they are known."""
    service = read.access == "oac"
    values: dict[str, tuple[str, ...]] = {
        "aws:principalisawsservice": ("true" if service else "false",),
        "aws:principalservicename": (SERVICE,) if service else ABSENT,
        "aws:securetransport": ("true",),  # as viewers do; who admits plain HTTP is told by the distribution's config
        "aws:viaawsservice": ("false",),
        "aws:sourceip": ("cloudfront",),
        "s3:tlsversion": ("1.2",),
        **dict.fromkeys(("aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip", "aws:calledvia"), ABSENT),
        **dict.fromkeys(("aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount"), ABSENT),
    }
    if service or read.access == "anonymous":
        values["aws:principalarn"] = ABSENT
    if not service:
        values |= dict.fromkeys(("aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid"), ABSENT)
    elif read.distribution_arn:
        values |= {"aws:sourcearn": (read.distribution_arn,), "aws:sourceaccount": (read.account,)}
    return Known(values=values, judge=lambda key, pattern, operator: _by_form(key, pattern, operator, read))


def _by_form(key: str, pattern: str, operator: str, read: OriginRead) -> Met:
    """A source that is known in part only: whether the value can name it at all."""
    if key == "aws:sourceaccount":
        return (
            pattern == read.account if read.account else re.fullmatch(r"\d{12}", pattern) is not None or _open(pattern)
        )
    if key != "aws:sourcearn":
        return None
    wild = operator in ("StringLike", "ArnLike", "ArnEquals")
    if "*" in pattern and not wild:
        return False
    parts = pattern.split(":", 5)
    if len(parts) != 6:  # an ARN's parts
        return wild and matches(pattern, "arn:aws:cloudfront::111122223333:distribution/E1")
    known = ("arn", read.partition, "cloudfront", "", read.account, "")
    forms = (r"arn", r"aws[a-z-]*", r"cloudfront", r"", r"\d{12}", r"distribution/.+")
    fits = (
        matches(part, value) if value else re.fullmatch(form, part) is not None or _open(part)
        for part, value, form in zip(parts[:5], known[:5], forms[:5], strict=True)
    )
    return all(fits) and _names_distribution(parts[5], read)


def _names_distribution(path: str, read: OriginRead) -> bool:
    if read.distribution:
        return matches(path, f"distribution/{read.distribution}")
    return path == "*" or re.fullmatch(r"distribution/.+", path) is not None


def _open(part: str) -> bool:
    return bool(part) and (set(part) <= {"*"} or is_placeholder(part))
