"""How a runbook reaches AWS: through a door that it is handed, declared beside the code that uses it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar

from .model import Incident
from .serialization import Json
from .settings import Settings, Workload

GLOBAL_REGION = (
    "us-east-1"  # CloudFront's metrics, IAM's and CloudFront's trail. Source: AWS, CloudFront and CloudTrail guides
)
HEADERS_KEPT = ("age", "etag", "last-modified", "x-cache")  # what tells how old a cached answer is
P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Permission:
    """One IAM action, on ARNs of a form: `{partition}`, `{region}`, `{account}` are filled in at synth.

    Attributes:
        called: False where IAM asks for the action although no call names it (`iam:PassRole`).
        region: where it is asked; empty for the deployment's own. Global services keep theirs in `GLOBAL_REGION`.
    """

    action: str
    on: str = "*"
    called: bool = True
    region: str = ""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What an endpoint said to one GET: status and how long it took, in milliseconds.

    Attributes:
        headers: those of `HEADERS_KEPT` that came, by their names in small letters; each bounded.
    """

    status: int
    took_ms: int
    headers: Mapping[str, str] = field(default_factory=dict)


class Aws(Protocol):
    """The calls on AWS that a reader or a plan may make. Every method raises an error of `core.errors`, never botocore's."""

    def call(self, action: str, /, **parameters: Any) -> Mapping[str, Any]:
        """One API call, by IAM's name of it; the answer as boto3 gives it."""

    def pages(self, action: str, key: str, limit: int, /, **parameters: Any) -> Sequence[Any]:
        """The items under `key` of all pages, at most `limit`."""

    def get(self, url: str, /) -> HttpAnswer:
        """One GET of a health path; raises `Retryable` where nothing answers."""

    def shared(self, key: str, read: Callable[[], Json], /) -> Json:
        """What `read` gives, or gave within the last minutes to whoever asked under the same key: see ledger/shared_readings.py.

        What it gives is stored: plain JSON, bounded, without secrets. Raises what `read` raises, and `Retryable` where
        another execution is reading it right now.
        """

    def recorded(self, key: str, /) -> Json:
        """The ledger's item of that key (`incident#<id>`, `rest#<arn>`), an empty one where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a reader may know: the incident, the moment, and what is declared about the workload.

    Attributes:
        window_s: how far back counts and shares are summed up.
    """

    incident: Incident
    now: str
    settings: Settings
    workload: Workload | None = None
    window_s: int = 900  # guide, emergency flow: what happened within the first 15 minutes matters


@dataclass(frozen=True, slots=True)
class Reader(Generic[P, R_co]):
    """A function that reads one thing from AWS, with the permissions it declares."""

    run: Callable[Concatenate[Aws, Scope, P], R_co]
    permissions: tuple[Permission, ...]
    besides: str = ""  # a source that needs no permission of its own

    @property
    def name(self) -> str:
        """The function's own name."""
        return self.run.__name__

    @property
    def source(self) -> str:
        """Where its facts come from, as reports name it: the called actions."""
        return (
            ", ".join((*(p.action for p in self.permissions if p.called), *((self.besides,) if self.besides else ())))
            or "HTTP GET"
        )

    def __call__(self, aws: Aws, scope: Scope, /, *known: P.args, **named: P.kwargs) -> R_co:
        """What the function reads; raises errors of `core.errors`."""
        return self.run(aws, scope, *known, **named)


def reads(
    *permissions: Permission,
    besides: str = "",
) -> Callable[[Callable[Concatenate[Aws, Scope, P], R]], Reader[P, R]]:
    """Declares what the decorated reader may call; `besides` names what else it reads."""

    def declare(run: Callable[Concatenate[Aws, Scope, P], R]) -> Reader[P, R]:
        return Reader(run, permissions, besides)

    return declare
