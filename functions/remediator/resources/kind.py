"""What is to be known of one kind of AWS resource, as one value. Each service's own kinds stand in `<service>/kind.py`."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from ..core.event_fields import Place
from ..core.model import OPT_IN_TAG, Resource
from ..core.settings import Workload
from ..core.text import Text

Unit = Literal["", "%", "s", "/min"]
Whose = Literal["own", "service", "none"]  # its own, that of the ECS service it stands before, or nobody's
_PLACES = {"region": r"[a-z0-9-]+:\d{12}", "account": r":\d{12}", "partition": ":"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ArnForm:
    """The form of a kind's ARNs.

    Attributes:
        service: as ARNs and IAM's prefixes name it: `elasticloadbalancing`.
        path: a regular expression of what follows the account.
        names: what the ARN names before the path: region and account, the account alone, or neither.
    """

    service: str
    path: str
    names: Literal["region", "account", "partition"] = "region"

    @property
    def pattern(self) -> re.Pattern[str]:
        """What a whole ARN of this form matches."""
        return re.compile(rf"arn:aws[a-z-]*:{self.service}:{_PLACES[self.names]}:{self.path}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One metric to draw, minute by minute.

    Attributes:
        stat: as CloudWatch names it.
        region: empty for the deployment's own.
    """

    label: Text
    namespace: str
    name: str
    dimensions: Mapping[str, str]
    stat: str
    unit: Unit = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class KnownMetric:
    """One metric of AWS's, with what a reader has to know to read its graph; `region` is where it is kept, empty for its resource's own."""

    label: Text
    namespace: str
    name: str
    stat: str
    unit: Unit = ""
    region: str = ""

    def of(self, dimensions: Mapping[str, str]) -> Wanted:
        """The metric of the resource that the dimensions name, to be drawn."""
        return Wanted(self.label, self.namespace, self.name, dimensions, self.stat, self.unit, self.region)


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteCondition:
    """How IAM sees the writes on a kind, so that a fix role is bound to what has opted in.

    Attributes:
        opt_in_tag: actions that IAM checks against the owner's tag on the resource.
        exact_arn: actions whose resource cannot carry that tag, with why: the exact ARN in the session policy stands in.
        destroying: operations that no fix role may ever do.
        tagging: operations that change tags: no fix role may opt anything in.
    """

    opt_in_tag: tuple[str, ...] = ()
    exact_arn: Mapping[str, str] = field(default_factory=dict)
    destroying: tuple[str, ...] = ("Delete*",)
    tagging: tuple[str, ...] = ("TagResource", "UntagResource")


def _name_and_arn(resource: Resource) -> tuple[str, ...]:
    return resource.name, resource.arn


def _last(path: str) -> str:
    return path.rpartition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceKind:
    """One kind of AWS resource. What is left out says that there is no such thing.

    A path is what follows the account in the resource's ARN.

    Attributes:
        name: as `Resource.kind` spells it.
        title: what people call it.
        part: how the path goes on where it names a part of the resource: `/index/`.
        namespaces: of the CloudWatch metrics whose dimensions name such a resource.
        from_dimensions: the path that an alarm's dimensions name, empty where they name none.
        declared: paths of the resources of this kind that a workload declares under a setting of its own.
        declared_name: what CloudTrail's records call a declared path.
        names_in_cloudtrail: what they call a resource; the first two are looked up by themselves.
        recorded_in: the region that keeps its calls, whatever its own is; empty for its own.
        health_services: AWS Health's names of the services that it rests on (DescribeEventTypes).
        metrics: that a graph can be made of.
        plotted_metrics: what shows the health of one resource, the most telling first.
        tag_call: the call whose answer holds its tags; empty where none does.
        opt_in_command: the AWS CLI command that sets the opt-in tag and keeps all others; empty where none does.
        write_condition: how IAM sees the writes on it.
        scalable_target: namespace and id by which Application Auto Scaling changes it; also what may be lent to.
        deployments: whose deployments change it.
        application_log: whose log tells of its trouble.
    """

    name: str
    title: Text
    arn: ArnForm
    part: str = ""
    namespaces: tuple[str, ...] = ()
    from_dimensions: Callable[[Mapping[str, str]], str] = lambda _: ""
    declared: Callable[[Workload], tuple[str, ...]] = lambda _: ()
    declared_name: Callable[[str], str] = _last
    names_in_cloudtrail: Callable[[Resource], tuple[str, ...]] = _name_and_arn
    recorded_in: str = ""
    health_services: tuple[str, ...] = ()
    metrics: tuple[KnownMetric, ...] = ()
    plotted_metrics: Callable[[Resource, Workload | None], tuple[Wanted, ...]] = lambda _resource, _workload: ()
    tag_call: str = ""
    opt_in_command: Callable[[Resource], tuple[str, ...]] = lambda _: ()
    write_condition: WriteCondition = WriteCondition()
    scalable_target: Callable[[Resource], tuple[str, str]] | None = None
    deployments: Whose = "none"
    application_log: Whose = "service"

    def is_kind_of(self, resource: Resource) -> bool:
        """Whether `resource` is of this kind."""
        return resource.kind == self.name

    def at(self, place: Place, path: str) -> Resource:
        """The resource with that path; of its place the ARN keeps what its form names."""
        if self.arn.names == "partition":
            return Resource(self.name, f"arn:{place.partition}:{self.arn.service}:::{path}")
        return Resource(self.name, place.arn(self.arn.service, path, world=self.arn.names == "account"))

    def whole(self, resource: Resource) -> Resource:
        """The resource itself where `resource` is a part of it."""
        return replace(resource, arn=resource.arn.partition(self.part)[0]) if self.part else resource


def tags_command(command: str, resource: str, *, lower: bool = False) -> tuple[str, ...]:
    """An AWS CLI command that adds the opt-in tag, a flag a word.

    Args:
        command: `aws dynamodb tag-resource`.
        resource: its flag that names the resource, quoted.
        lower: the API writes `key` and `value` with small letters.
    """
    key, value = ("key", "value") if lower else ("Key", "Value")
    return command, resource, f"--tags {key}={OPT_IN_TAG},{value}=auto"
