"""Who made an API call, in few words, and what sort of caller that is: read from a CloudTrail record's own fields."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ...redaction.redact import outside

CallerKind = Literal["person", "pipeline", "service", "ours", "unknown"]
WHO_CHARS = 160  # a role's name has 64 characters at most and a session's name too
OURS = "remediator-"  # fix roles and their sessions are both called so: see remediation/apply.py
SERVICE = ".amazonaws.com"
CLOUDFORMATION = "cloudformation.amazonaws.com"
IDENTITY_CENTER = "AWSReservedSSO_"  # AWS IAM Identity Center: its roles for people begin so
SERVICE_LINKED = "AWSServiceRoleFor"  # AWS IAM: service-linked roles begin so
# Names that delivery tools give their roles, sessions and user agents by default. Ours, from their documentation.
DELIVERS = re.compile(
    r"github-?actions|gitlab|jenkins|terraform|pulumi|codepipeline|codebuild|codedeploy|circleci|bitbucket|buildkite|"
    r"atlantis|spacelift|\bcdk-[a-z0-9]{1,20}-(?:deploy|cfn-exec|file-publishing|image-publishing)",
    re.IGNORECASE,
)
BY_HAND = re.compile(r"\bconsole\.(?:aws\.amazon|amazonaws)\.com|AWS-?CloudShell|\bMozilla/", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Caller:
    """One caller.

    Attributes:
        who: `role/session`, a user's name, `root` or a service's name.
        kind: `ours` is a fix role of this program. `unknown` is anything that no sign tells apart, an application's own
            role among it: it is never taken for a person or a pipeline.
    """

    who: str
    kind: CallerKind


def caller(identity: Mapping[str, Any], *, agent: str = "", address: str = "") -> Caller:
    """The caller behind a record's `userIdentity`.

    Args:
        identity: as CloudTrail writes it.
        agent: the record's `userAgent`.
        address: its `sourceIPAddress`; a service's name where a service called.
    """
    who = outside(_who(identity), WHO_CHARS) or "unknown"
    return Caller(who, _kind(identity, who, agent, address))


def _who(identity: Mapping[str, Any]) -> str:
    sort, arn = str(identity.get("type", "")), str(identity.get("arn") or "")
    if sort == "Root":
        return "root"
    if ":assumed-role/" in arn:
        return arn.partition(":assumed-role/")[2]
    if sort == "AWSService" or not arn:
        return str(identity.get("invokedBy") or identity.get("userName") or identity.get("principalId") or "")
    return str(identity.get("userName") or arn.rpartition("/")[2])


def _kind(identity: Mapping[str, Any], who: str, agent: str, address: str) -> CallerKind:
    role, _, session = who.partition("/")
    invoked_by = str(identity.get("invokedBy") or address)
    if role.startswith(OURS) and session.startswith(OURS):
        return "ours"
    if invoked_by == CLOUDFORMATION or DELIVERS.search(who) or DELIVERS.search(agent):
        return "pipeline"
    if identity.get("type") == "AWSService" or role.startswith(SERVICE_LINKED) or invoked_by.endswith(SERVICE):
        return "service"
    return "person" if _is_person(identity, who, agent) else "unknown"


def _is_person(identity: Mapping[str, Any], who: str, agent: str) -> bool:
    session = identity.get("sessionContext")
    attributes = session.get("attributes") if isinstance(session, Mapping) else None
    mfa = isinstance(attributes, Mapping) and str(attributes.get("mfaAuthenticated")).lower() == "true"
    from_console = str(identity.get("sessionCredentialFromConsole", "")).lower() == "true"
    named = identity.get("type") in ("Root", "IdentityCenterUser") or who.startswith(IDENTITY_CENTER) or "@" in who
    return mfa or from_console or named or bool(BY_HAND.search(agent))
