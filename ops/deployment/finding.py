"""What a look at an account finds: ready, missing, not checkable, or a thing for later; and the command to mend it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from remediator.core.errors import Denied, NotFound, Rejected, RemediatorError
from remediator.core.ports import Aws
from remediator.core.settings import Settings
from remediator.core.text import Text, same

Status = Literal["ok", "missing", "unknown", "later"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line for the reader.

    Attributes:
        mend: the command that mends it, or where to look; empty where nothing is to be done.
        stops: a deployment would fail.
    """

    check: str
    status: Status
    message: Text
    mend: str = ""
    stops: bool = False

    def plain(self, language: Literal["en", "ja"]) -> Mapping[str, Any]:
        """As JSON has it."""
        return {
            "check": self.check,
            "status": self.status,
            "message": self.message.in_(language),
            "mend": self.mend,
            "stops": self.stops,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """Where it is looked, and for what.

    Attributes:
        stack: the product's.
        writes: every action that some runbook's fix calls.
        durable_regions: where `cdk.json` knows durable functions to be offered.
        pass_roles: roles that fixes may hand to ECS, as `cdk.json` writes them.
        edge: the same account in us-east-1, where a declared distribution's alarms stand; None where none is declared,
            or us-east-1 is where it is looked anyway.
    """

    account: str
    region: str
    settings: Settings
    partition: str = "aws"
    stack: str = "Remediator"
    writes: frozenset[str] = frozenset()
    durable_regions: tuple[str, ...] = ()
    pass_roles: tuple[str, ...] = ()
    edge: Aws | None = None

    def arn(self, service: str, path: str) -> str:
        """ARN of something in this account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{path}"


Look = Callable[[Aws, Here], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Check:
    """One question to the account; every call that it makes reads."""

    name: str
    look: Look

    def found(self, aws: Aws, here: Here) -> Iterator[Finding]:
        """What it finds; what it may not read is said, never guessed."""
        try:
            yield from self.look(aws, here)
        except RemediatorError as error:
            yield could_not(self.name, error)


def could_not(check: str, error: RemediatorError) -> Finding:
    """For a question that was not answered."""
    if isinstance(error, Denied):
        mend = f"allow {error.action} to these credentials, or ask somebody who may"
        return Finding(check=check, status="unknown", message=_not_checked(f"{error.action} is denied"), mend=mend)
    return Finding(check=check, status="unknown", message=_not_checked(str(error)))


def _not_checked(why: str) -> Text:
    return Text("could not be checked: ", "確認できませんでした: ") + same(why)


def exists(aws: Aws, action: str, **parameters: Any) -> Mapping[str, Any] | None:
    """The answer, None where the resource is not there."""
    try:
        return aws.call(action, **parameters)
    except NotFound:
        return None
    except Rejected as error:
        if error.code.startswith("NoSuch"):
            return None
        raise
