"""How scenarios of crash-looping tasks begin, and what happens in them."""

from collections.abc import Callable, Mapping

from ..applications import CRASHES, CRASHES_AT_ONCE, HEALTHY, LEAKS, Application
from ..eventbridge.events import Event
from ..laptop import Laptop
from ..names import CLUSTER, SERVICE
from ..world import World

STORM = 1000


RIGHT_AFTER_S = 145  # the change is made in the third minute


def ill(
    application: Application, tags: Mapping[str, str] | None = None, *, tasks: int = 100
) -> Callable[[World], None]:
    """A healthy service whose program changes for the worse without a deployment."""

    def begin(world: World) -> None:
        world.run_service(tags=tags)
        world.fall_ill(application, tasks=tasks)

    return begin


def released(application: Application, *, breaker_rolls_back: bool = False) -> Callable[[World], None]:
    """A healthy service to which someone has just deployed 1.5.0."""

    def begin(world: World) -> None:
        world.run_service(breaker_rolls_back=breaker_rolls_back)
        world.deploy("1.5.0", application)

    return begin


def on_ec2(world: World) -> None:
    """A service on EC2 whose tasks leak memory."""
    world.run_service(launch_type="EC2")
    world.fall_ill(LEAKS)


def switched_off(world: World) -> None:
    """Tasks leak memory while the kill switch is off."""
    ill(LEAKS)(world)
    world.switch("off")


def without_logs(world: World) -> None:
    """Tasks crash, and their log may not be read."""
    ill(CRASHES)(world)
    world.deny("logs:GetLogEvents")


def one_off(world: World) -> None:
    """A one-off task that crashes at once."""
    world.run_one_off("1.4.2-report", CRASHES_AT_ONCE)


def scaled_in(world: World) -> None:
    """Somebody scales the service in by one task."""
    world.run_service()
    world.fleet.scale(world.service, 1, world.clock.now())


def recovers_while_new_tasks_wait(laptop: Laptop) -> None:
    """Whoever runs now runs on, and a registry that is slow keeps what the deployment starts from running."""
    laptop.world.fleet.pull_s = 900.0
    laptop.world.recover()


def new_release(laptop: Laptop) -> None:
    """Somebody deploys another release."""
    laptop.world.deploy("1.4.3", HEALTHY)


def another_plan(laptop: Laptop) -> None:
    """Somebody answers for a plan that was not asked about; the answer is refused."""
    incident = laptop.question().rpartition("-")[0]
    found = laptop.answer(reference=f"{incident}-00000000")
    assert found["accepted"] is False, found


def storm(laptop: Laptop) -> None:
    """The newest stop, told a thousand times over: once more by each of many rules and retries."""
    stops = [e for e in laptop.world.events if stopped(e)]
    laptop.deliver([stops[-1]] * STORM)


def stopped(event: Event) -> bool:
    """Whether the event is of a stopped task."""
    return bool(event["detail"].get("lastStatus") == "STOPPED")


def while_scaling(world: World) -> None:
    """The service leaks, and a step of autoscaling never ends."""
    place = f"service/{CLUSTER}/{SERVICE}"
    going = {"ResourceId": place, "StatusCode": "InProgress", "Description": "Setting desired count to 4."}
    world.account.scaling_activities.append(going)
    ill(LEAKS)(world)
