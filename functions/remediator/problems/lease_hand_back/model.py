"""A temporary capacity increase and its usage, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...resources.dynamodb.model import Bounds, Table
from ...resources.dynamodb.model import Load as Asked
from ...resources.ecs.model import Service
from ...resources.ecs.scaling import CountOwner, Load
from ...resources.load_balancing.latency import ResponseTimes


@dataclass(frozen=True, slots=True, kw_only=True)
class BorrowedState:
    """What something was lent to, as it is now: a table or a service.

    Attributes:
        gone: it does not exist any more.
        stack: CloudFormation stack that owns it, empty where it belongs to none.
    """

    gone: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)
    stack: str = ""
    table: Table | None = None
    scaling: tuple[Bounds, ...] = ()
    service: Service | None = None
    owner: CountOwner | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """How it was used over a window.

    Attributes:
        asked: of a table and its indexes, at their highest minute.
        throttled: starts of the minutes in which requests were throttled.
        served_until: end of the newest minute in which a table served requests, ISO 8601; empty where none is known.
        load: of a service.
        times: of the requests to a service.
    """

    asked: tuple[Asked, ...] = ()
    throttled: tuple[str, ...] = ()
    served_until: str = ""
    load: Load | None = None
    times: ResponseTimes | None = None
