"""How scenarios of failed starts begin, and what happens in them."""

from collections.abc import Callable
from datetime import timedelta

from ..applications import HEALTHY
from ..laptop import Laptop
from ..names import ACCOUNT, CLUSTER, REGION
from ..portfolio import EXECUTION_ROLE, LOG, STARTS, grant
from ..vpc import network
from ..world import World

SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:portfolio/db-8Kx2Qa"


READ_SECRET = "secretsmanager:GetSecretValue"  # noqa: S105  # an action's name


ALL_ENDPOINTS = ("ecr.api", "ecr.dkr", "s3", "logs", "secretsmanager")


def one_more(world: World) -> None:
    """Someone wants a third task; it is the one whose start fails."""
    world.fleet.scale(world.service, 3, world.clock.now())


def may(world: World, *actions: str) -> None:
    """The execution role may do just these from now on."""
    with world.behind_the_scenes():
        grant(world.client("iam"), *actions)


def shut_in(world: World, *services: str, admitted: bool = True) -> None:
    """The tasks' subnet has these endpoints and no way to the internet."""
    with world.behind_the_scenes():
        network.shut_in(world.client, world.portfolio.network, *services, admitted=admitted)


def released(*, pushed: bool = True, breaker_rolls_back: bool = False, tagged: bool = True) -> Callable[[World], None]:
    """Someone deploys 1.5.0, whose image may never have been pushed."""

    def begin(world: World) -> None:
        world.run_service(breaker_rolls_back=breaker_rolls_back, tags=None if tagged else {})
        world.deploy("1.5.0", HEALTHY, pushed=pushed)

    return begin


def image_deleted(world: World) -> None:
    """Someone deletes the image that the service has run for a day."""
    world.run_service()
    world.account.images.clear()
    one_more(world)


def secret_forgotten(world: World) -> None:
    """A release names a secret that nobody made; the role may read secrets."""
    world.run_service()
    may(world, *STARTS, READ_SECRET)
    world.deploy("1.5.0", HEALTHY, secrets={"DATABASE_URL": SECRET})


def secret_forbidden(world: World) -> None:
    """A release names a secret that is there, and the role may not read it."""
    world.run_service()
    world.starting.secrets = frozenset((SECRET,))
    world.deploy("1.5.0", HEALTHY, secrets={"DATABASE_URL": SECRET})


def right_lost(world: World) -> None:
    """Someone takes the right to pull images from the execution role."""
    world.run_service()
    may(world, *LOG)
    one_more(world)


def role_lost(world: World) -> None:
    """Someone deletes the execution role."""
    world.run_service()
    name = EXECUTION_ROLE.rsplit("/", 1)[-1]
    world.someone("iam", "delete_role_policy", RoleName=name, PolicyName="start")
    world.someone("iam", "delete_role", RoleName=name)
    one_more(world)


def right_lost_behind_endpoints(world: World) -> None:
    """No route leads out of the subnet, but endpoints do; what is missing is a permission."""
    shut_in(world, *ALL_ENDPOINTS)
    right_lost(world)


def endpoint_closed(world: World) -> None:
    """The endpoints' security group does not admit the tasks."""
    world.run_service()
    shut_in(world, *ALL_ENDPOINTS, admitted=False)
    one_more(world)


def endpoint_missing(*services: str) -> Callable[[World], None]:
    """Endpoints for these services only, and no other way out."""

    def begin(world: World) -> None:
        world.run_service()
        shut_in(world, *services)
        one_more(world)

    return begin


def no_room(for_s: int) -> Callable[[World], None]:
    """Fargate has no capacity for a while."""

    def begin(world: World) -> None:
        world.run_service()
        world.starting.room_from = world.clock.now() + timedelta(seconds=for_s)
        one_more(world)

    return begin


def instances_full(world: World) -> None:
    """On EC2, and no instance has the memory for a third task."""
    world.starting.instances = {"i-0a1b2c3d4e5f60718": (1024, 200), "i-0f9e8d7c6b5a43210": (128, 4096)}
    world.run_service(launch_type="EC2")
    one_more(world)


def instance_added(laptop: Laptop) -> None:
    """An instance with room for the task joins the cluster."""
    laptop.world.starting.instances = {"i-00112233445566778": (2048, 7680)}


def no_room_then_no_image(world: World) -> None:
    """Fargate has no capacity for 90 s, and the new release has no image."""
    world.run_service()
    world.starting.room_from = world.clock.now() + timedelta(seconds=90)
    world.deploy("1.5.0", HEALTHY, pushed=False)


def wrong_size(world: World) -> None:
    """A release with 300 CPU units, which Fargate does not run."""
    world.run_service()
    world.deploy("1.5.0", HEALTHY, cpu_units=300)


def wanted(world: World) -> None:
    """A healthy service that is to run one more task."""
    world.run_service()
    one_more(world)


def stopped_by_hand(laptop: Laptop) -> None:
    """Someone stops the task while it starts."""
    starting = next(t for t in laptop.world.fleet.tasks if t.status == "PENDING")
    where = {"cluster": CLUSTER, "task": starting.id, "reason": "Task stopped by user"}
    laptop.world.someone("ecs", "stop_task", **where)


def scaled_in(laptop: Laptop) -> None:
    """Somebody sets the desired count to two."""
    world = laptop.world
    world.fleet.scale(world.service, 2, world.clock.now())


def pushed(laptop: Laptop) -> None:
    """Somebody pushes the image that was missing."""
    laptop.world.push("1.4.2")
