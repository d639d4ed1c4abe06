"""ECS services behind a load balancer's target groups, as values."""

from dataclasses import dataclass

from .model import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """Whose the targets are.

    Attributes:
        managed: ECS registers and deregisters them; nobody else may.
        service: None where no service is known.
    """

    managed: bool = False
    service: Service | None = None

    def mapped_port(self, group: str) -> int:
        """The container port that the service maps to the target group of that ARN; 0 where it maps none."""
        balancers = self.service.load_balancers if self.service else ()
        return next((int(b.get("containerPort", 0)) for b in balancers if b.get("targetGroupArn") == group), 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """One target group and whose its targets are."""

    group: str
    behind: Behind

    @property
    def service(self) -> Service | None:
        """None where no service is known."""
        return self.behind.service


def at_zero(backends: tuple[Backend, ...]) -> tuple[Backend, ...]:
    """Those whose service exists and is asked to run no task."""
    return tuple(b for b in backends if b.service and b.service.status == "ACTIVE" and b.service.desired == 0)


def services(backends: tuple[Backend, ...]) -> tuple[Service, ...]:
    """Each service once."""
    return tuple({b.service.arn: b.service for b in backends if b.service}.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerPort:
    """One port that a task definition's container says it listens on."""

    container: str
    port: int
