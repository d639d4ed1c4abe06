"""What a revision asks for before its containers run: images, secrets, logs, size; and how two revisions differ."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...core.model import Fact
from ...core.text import Text

DIFFERENCES_SHOWN = 12  # a report names the first ones; the command beside it shows all
NOTHING = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretRef:
    """A secret that ECS reads for a container before it starts. The value itself is never read.

    Attributes:
        name: of the environment variable or log option that gets it.
        source: ARN of the secret or parameter, or a parameter's plain name.
    """

    container: str
    name: str
    source: str

    @property
    def of_secrets_manager(self) -> bool:
        """Whether Secrets Manager holds it; Systems Manager does otherwise."""
        return ":secretsmanager:" in self.source


@dataclass(frozen=True, slots=True, kw_only=True)
class LogTarget:
    """A CloudWatch Logs group that a container's `awslogs` driver writes to."""

    group: str
    region: str = ""
    creates_group: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSetup:
    """One revision as far as it decides whether a task can start.

    Attributes:
        arn: of the revision; empty where there is none to compare with.
        fields: every setting by its place, as redacted text. Values of environment variables are not among them.
        registry_secrets: ARNs of credentials for private registries.
        env_files: ARNs of environment files in S3.
    """

    arn: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    images: tuple[str, ...] = ()
    secrets: tuple[SecretRef, ...] = ()
    registry_secrets: tuple[str, ...] = ()
    logs: tuple[LogTarget, ...] = ()
    env_files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """One setting that is not the same in two revisions; `-` where one of them lacks it."""

    place: str
    good: str
    bad: str


def differences(good: TaskSetup, bad: TaskSetup) -> tuple[Difference, ...]:
    """What `bad` has otherwise than `good`, in the order of their places."""
    places = sorted({*good.fields, *bad.fields})
    pairs = ((p, good.fields.get(p, NOTHING), bad.fields.get(p, NOTHING)) for p in places)
    return tuple(Difference(place, was, now) for place, was, now in pairs if was != now)


def difference_facts(found: tuple[Difference, ...], source: str, at: str) -> tuple[Fact, ...]:
    """The first differences as facts: what the last good revision had, and what this one has."""
    facts = [
        Fact(Text(f"changed: {d.place}", f"変更点: {d.place}"), f"{d.good} -> {d.bad}", source, at)
        for d in found[:DIFFERENCES_SHOWN]
    ]
    if (more := len(found) - DIFFERENCES_SHOWN) and more > 0:
        facts.append(Fact(Text("more changes", "その他の変更"), str(more), source, at))
    return tuple(facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedImage:
    """An image that a task of the revision pulls, and what its registry says of it.

    Attributes:
        found: None where the registry cannot be asked.
        why: what the registry said, or why it cannot be asked.
    """

    image: str
    found: bool | None = None
    why: str = ""
    pushed_at: str = ""


@dataclass(frozen=True, slots=True)
class EcrName:
    """The parts of an ECR image's name; `reference` is its digest or tag."""

    registry: str
    region: str
    repository: str
    reference: str

    @property
    def by_digest(self) -> bool:
        """Whether it is pinned."""
        return self.reference.startswith("sha256:")


def ecr_name(image: str) -> EcrName | None:
    """The parts of `123456789012.dkr.ecr.REGION.amazonaws.com/NAME:TAG`; None for every other registry."""
    name, _, digest = image.partition("@")
    host, _, path = name.partition("/")
    parts = host.split(".")
    if len(parts) < 4 or parts[1:3] != ["dkr", "ecr"]:
        return None
    repository, _, tag = path.partition(":")
    return EcrName(parts[0], parts[3], repository, digest or tag or "latest")
