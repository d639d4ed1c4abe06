"""What CloudTrail says happened around an incident: who changed what, permissions, failed calls, things made and deleted.

Pure values. A History is a window of the account's API calls in one region, newest first. It holds management events
only: who reads or writes items, objects or messages is not in CloudTrail's event history.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from ...core.serialization import canonical
from ...core.text import Text
from ...core.timestamps import after
from .callers import CallerKind

LAG_S = 900  # AWS, CloudTrail: an event is there within an average of 5 minutes, which is not guaranteed; 15 in its FAQ
KEPT = 40  # ours: what one incident's evidence holds; the whole window is in the shared one
BEFORE_S = 3600  # guide, log analysis: the hour before

# Calls that change who may do what. Source: the services' API references; IAM's by their verbs, as there are many.
PERMISSION_CHANGES: Mapping[str, frozenset[str]] = {
    "s3": frozenset(
        (
            "PutBucketPolicy",
            "DeleteBucketPolicy",
            "PutBucketAcl",
            "PutBucketPublicAccessBlock",
            "DeleteBucketPublicAccessBlock",
            "PutAccountPublicAccessBlock",
            "DeleteAccountPublicAccessBlock",
            "PutBucketOwnershipControls",
        )
    ),
    "kms": frozenset(
        ("PutKeyPolicy", "CreateGrant", "RevokeGrant", "RetireGrant", "DisableKey", "ScheduleKeyDeletion")
    ),
    "ec2": frozenset(
        (
            "AuthorizeSecurityGroupIngress",
            "AuthorizeSecurityGroupEgress",
            "RevokeSecurityGroupIngress",
            "RevokeSecurityGroupEgress",
            "ModifySecurityGroupRules",
            "CreateNetworkAclEntry",
            "DeleteNetworkAclEntry",
            "ReplaceNetworkAclEntry",
            "ModifyVpcEndpoint",
        )
    ),
    "ecr": frozenset(("SetRepositoryPolicy", "DeleteRepositoryPolicy")),
    "secretsmanager": frozenset(("PutResourcePolicy", "DeleteResourcePolicy")),
    "dynamodb": frozenset(("PutResourcePolicy", "DeleteResourcePolicy")),
    "lambda": frozenset(("AddPermission", "RemovePermission")),
}
IAM_VERBS = ("Put", "Attach", "Detach", "Delete", "Update", "Create", "Add", "Remove", "Set", "Tag", "Untag")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiEvent:
    """One API call as CloudTrail recorded it.

    Attributes:
        source: the service, as IAM's prefixes and CloudTrail name it: `dynamodb`, `elasticloadbalancing`.
        by: `role/session`, a user's name, or a service.
        error_code: empty where the call succeeded.
        said: what AWS answered to a call that failed, redacted.
        resources: names and ARNs that the record gives.
        parameters: names with harmless scalar values; everything else stands as `…`.
    """

    at: str
    name: str
    source: str
    id: str = ""
    by: str = ""
    kind: CallerKind = "unknown"
    error_code: str = ""
    said: str = ""
    read_only: bool = False
    resources: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def denied(self) -> bool:
        """Whether IAM or a resource's policy refused it. The services spell that in several ways."""
        return any(word in self.error_code for word in ("AccessDenied", "Unauthorized", "AuthorizationError"))

    @property
    def changes_permissions(self) -> bool:
        """Whether it is a call that changes who may do what, successful or not."""
        if self.source == "iam":
            return not self.read_only and self.name.startswith(IAM_VERBS)
        return self.name in PERMISSION_CHANGES.get(self.source, frozenset())

    def concerns(self, names: Collection[str]) -> bool:
        """Whether it names one of these resources, by short name or ARN."""
        found = (*self.resources, *self.parameters.values())
        return any(t == n or t.endswith((f"/{n}", f":{n}")) for t in found for n in names if n)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """API calls of one region between two moments.

    Attributes:
        events: newest first.
        complete: False where older calls of the window were left out; `cut` says why. Even a complete one knows
            nothing yet of calls after `settled_until`.
    """

    events: tuple[ApiEvent, ...] = ()
    since: str = ""
    until: str = ""
    complete: bool = True
    cut: str = ""

    @property
    def settled_until(self) -> str:
        """Until when it can be complete: CloudTrail may be that late."""
        return after(self.until, -LAG_S) if self.until else ""


def changes(history: History, names: Collection[str]) -> tuple[ApiEvent, ...]:
    """Who changed what on these resources: calls that succeeded and were no reads."""
    return tuple(e for e in history.events if not e.read_only and not e.error_code and e.concerns(names))


def permission_changes(history: History, names: Collection[str] = ()) -> tuple[ApiEvent, ...]:
    """Successful changes of who may do what; of these resources, or of any where none is named."""
    return tuple(
        e for e in history.events if e.changes_permissions and not e.error_code and (not names or e.concerns(names))
    )


def failures(history: History, names: Collection[str] = ()) -> tuple[ApiEvent, ...]:
    """Calls that failed; on these resources, or any where none is named."""
    return tuple(e for e in history.events if e.error_code and (not names or e.concerns(names)))


def callers(history: History, names: Collection[str]) -> tuple[tuple[str, CallerKind], ...]:
    """Everyone but ourselves who called something on these resources, reads included, each once, newest first."""
    found = ((e.by, e.kind) for e in history.events if e.concerns(names) and e.kind != "ours")
    return tuple(dict.fromkeys(found))


def narrowed(history: History, names: Collection[str], most: int = KEPT) -> History:
    """What one incident needs of a window: calls on its resources, permission changes and failed calls, newest first."""
    wanted = tuple(e for e in history.events if e.concerns(names) or e.changes_permissions or e.error_code)
    own = [e for e in wanted if e.concerns(names)][:most]
    rest = [e for e in wanted if not e.concerns(names)][: most - len(own)]
    kept = tuple(sorted((*own, *rest), key=lambda e: e.at, reverse=True))
    if len(kept) == len(wanted):
        return replace(history, events=kept)
    return replace(history, events=kept, complete=False, cut=history.cut or f"the newest {len(kept)} of {len(wanted)}")


def within_bytes(history: History, most: int) -> History:
    """The newest part of a window that takes at most so many bytes as JSON."""
    kept: list[ApiEvent] = []
    left = most
    for event in history.events:
        left -= len(canonical(event).encode()) + 1
        if left < 0:
            cut = f"the newest {len(kept)} of {len(history.events)}: the rest is too much to keep"
            return replace(history, events=tuple(kept), complete=False, cut=cut)
        kept.append(event)
    return history


def in_words(event: ApiEvent) -> str:
    """One line of a report, in no language: `02:41:07 UpdateTable (deploy/ci, pipeline): ResourceInUseException`."""
    failed = f": {event.error_code}" if event.error_code else ""
    return f"{event.at[11:19]} {event.name} ({event.by}, {event.kind}){failed}"


def reach(history: History) -> Text:
    """How far a History can be trusted, for people."""
    until = history.settled_until[11:16]
    if history.complete:
        return Text(f"complete until {until} UTC at the latest", f"{until} (UTC) までは揃っている見込み")
    return Text(f"not complete: {history.cut}", f"一部のみ: {history.cut}")
