"""Every kind of AWS resource there is: those that the services' folders declare. A new service is one more folder.

Only the modules `kind` are loaded, by name, so that whatever asks stands below the services whose kinds it gets.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from ..core.event_fields import Place
from ..core.model import Resource
from ..core.settings import Settings, Workload
from ..core.text import same
from . import __name__ as here
from . import __path__ as folders
from .kind import ArnForm, KnownMetric, ResourceKind


@cache
def kinds() -> tuple[ResourceKind, ...]:
    """The kinds of all services, in order of the folders' names."""
    return tuple(kind for folder in _services() for kind in import_module(f"{here}.{folder}.kind").KINDS)


def _services() -> Iterator[str]:
    for found in iter_modules(folders):
        inside = (f"{folder}/{found.name}" for folder in folders)
        if found.ispkg and any(m.name == "kind" for m in iter_modules(inside)):
            yield found.name


@cache
def _by_name() -> Mapping[str, ResourceKind]:
    return {kind.name: kind for kind in kinds()}


def tag_calls() -> tuple[str, ...]:
    """The calls whose answers hold the tags of a resource, each once."""
    return tuple(dict.fromkeys(kind.tag_call for kind in kinds() if kind.tag_call))


def kind_of(resource: Resource) -> ResourceKind:
    """What is known of the kind of `resource`; nothing but its name where no folder declares it."""
    found = _by_name().get(resource.kind)
    return found or ResourceKind(
        name=resource.kind, title=same(resource.kind.replace("_", " ")), arn=ArnForm(service="", path="")
    )


@cache
def namespaces() -> frozenset[str]:
    """The namespaces of all metrics whose dimensions name a resource of a known kind."""
    return frozenset(namespace for kind in kinds() for namespace in kind.namespaces)


def from_dimensions(namespace: str, dimensions: Mapping[str, str], place: Place) -> Resource | None:
    """The one resource that the dimensions of a metric name, None where they name none or no valid one."""
    read = ((kind, kind.from_dimensions(dimensions)) for kind in kinds() if namespace in kind.namespaces)
    return next((kind.at(place, path) for kind, path in read if path), None)


@cache
def known_metrics() -> Mapping[tuple[str, str], KnownMetric]:
    """Every metric that a graph can be made of, by namespace and name."""
    return {(metric.namespace, metric.name): metric for kind in kinds() for metric in kind.metrics}


def owns(workload: Workload, resource: Resource) -> bool:
    """Whether `resource` is one of the workload's: under a setting of its kind, or by its ARN."""
    kind = kind_of(resource)
    whole = kind.whole(resource)
    return whole.path in kind.declared(workload) or whole.arn in workload.resources


def workload_of(settings: Settings, resource: Resource) -> Workload | None:
    """The workload that `resource` belongs to, None where none is declared."""
    return next((w for w in settings.workloads if owns(w, resource)), None)


def of_arn(arn: str) -> Resource | None:
    """The resource that an ARN names, None where it is of no known kind."""
    return next((Resource(kind.name, arn) for kind in kinds() if kind.arn.pattern.fullmatch(arn)), None)


def own_names(resource: Resource) -> tuple[str, ...]:
    """What CloudTrail's records call `resource`; a part is changed by calls on its whole."""
    kind = kind_of(resource)
    return kind.names_in_cloudtrail(kind.whole(resource))


def declared_names(workload: Workload) -> Iterator[str]:
    """What CloudTrail's records call all that a workload declares."""
    for kind in kinds():
        yield from map(kind.declared_name, kind.declared(workload))
    for arn in workload.resources:
        resource = of_arn(arn)
        yield from own_names(resource) if resource else (arn,)
