"""What the readings say to each row of `ecs_task_not_starting`, beyond the words of AWS: sizes, rights, ways, images."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from .ecs import Service, TaskDefinition, valid_on_fargate
from .evidence import Reading
from .failed_starts import StartEvidence, Starts, starts_as
from .fixes.target_group import ingress_of
from .history import ApiEvent, History
from .instance_capacity import Instance, largest_left, room, wanted
from .model import Fact, Resource
from .network_path import NetworkAcl, SecurityGroup
from .role_rights import Role
from .service_view import image as service_image
from .start_advice import USE, way_text
from .start_rights import Lack, Need, lacks, needs, of_action
from .task_setup import TaskSetup, WantedImage, difference_facts, differences
from .text import Text
from .ways_out import Place, Way, named_services, services_of, ways

FACTS_SHOWN = 6
NOT_A_SIZE = Text("Fargate does not run tasks of that size", "Fargate では無効なタスクサイズです")


class NotStarting(StartEvidence, Protocol):
    """All that the runbook reads."""

    @property
    def definition(self) -> Reading[TaskDefinition]:
        """Of the failing tasks."""

    @property
    def setup(self) -> Reading[TaskSetup]:
        """What it asks for."""

    @property
    def good_setup(self) -> Reading[TaskSetup]:
        """What the last good one asks for."""

    @property
    def images(self) -> Reading[tuple[WantedImage, ...]]:
        """What registries say of its images."""

    @property
    def roles(self) -> Reading[tuple[Role, ...]]:
        """Of the definition."""

    @property
    def refused(self) -> Reading[History]:
        """Calls of a start that were refused, of any role."""

    @property
    def place(self) -> Reading[Place]:
        """Where its tasks run."""

    @property
    def way_groups(self) -> Reading[tuple[SecurityGroup, ...]]:
        """Of tasks and endpoints."""

    @property
    def way_acls(self) -> Reading[tuple[NetworkAcl, ...]]:
        """Of its subnets."""

    @property
    def instances(self) -> Reading[tuple[Instance, ...]]:
        """Of its cluster, where it runs on EC2."""


def image(e: NotStarting) -> dict[str, str]:
    """What plans replace, as it is now."""
    ingress = {ingress_of(g): g.ingress_text for g in e.way_groups.or_none() or ()}
    return {**service_image(e), **ingress}


# -- room ----------------------------------------------------------------------------------------------------------


def wrong_size(service: Service, definition: TaskDefinition) -> bool:
    """Whether the revision names a size that Fargate does not run."""
    both = definition.cpu_units is not None and definition.memory_mib is not None
    return service.launch == "FARGATE" and both and not valid_on_fargate(definition.cpu_units, definition.memory_mib)


def room_starts(e: NotStarting) -> Starts:
    """Starts that failed for lack of room: by AWS's words, or any where the task has a size that Fargate does not run."""
    told = starts_as(e, "insufficient_resources")
    if told.count:
        return told
    service, definition = e.service.or_none(), e.definition.or_none()
    if service is None or definition is None or not wrong_size(service, definition):
        return Starts()
    return replace(starts_as(e, None), because=NOT_A_SIZE)


def room_facts(e: NotStarting) -> tuple[Fact, ...]:
    """The task's size against Fargate's table, or against what the instances have left."""
    service, definition = e.service.or_none(), e.definition.or_none()
    if service is None or definition is None:
        return ()
    size = "{} / {}".format(*wanted(definition))
    facts = [e.definition.fact(Text("task size (CPU units / MiB)", "タスクサイズ（CPU ユニット / MiB）"), size)]
    if service.launch == "FARGATE":
        answer = "no" if wrong_size(service, definition) else "yes"
        facts.append(e.definition.fact(Text("a pair that Fargate runs", "Fargate で有効な組み合わせか"), answer))
    elif (instances := e.instances.or_none()) is not None:
        fits = room(instances, *wanted(definition))
        left = "{} / {}".format(*largest_left(instances))
        with_room = Text("container instances with room / all", "空きのあるコンテナインスタンス / 全体")
        facts.append(e.instances.fact(with_room, f"{fits} / {len(instances)}"))
        facts.append(e.instances.fact(Text("most that one has left", "1 台あたりの空きの最大"), left))
    return tuple(facts)


# -- rights --------------------------------------------------------------------------------------------------------


def unusable(roles: Sequence[Role]) -> Role | None:
    """The role that does not exist, or that ECS tasks are known not to be trusted with."""
    return next((r for r in roles if not r.exists or r.trusts_tasks is False), None)


def lacking(e: NotStarting, starts: Starts) -> tuple[Role | None, tuple[Need, ...], tuple[Lack, ...]]:
    """The execution role, what the start needs of it, and what its policies do not allow for certain.

    Raises:
        Unchecked: roles, set-up or definition could not be read.
    """
    role = _used(e.roles.get(), starts.named)
    every = needs(e.setup.get(), Resource("task_definition", e.definition.get().arn))
    wanted = of_action(every, starts.named.get("action", ""), _resource(starts.named)) or every
    return role, wanted, lacks(role, wanted) if role and role.exists else ()


def _used(roles: Sequence[Role], named: Mapping[str, str]) -> Role | None:
    """The role that AWS's words name, else the execution role: ECS starts tasks with that one."""
    told = f"{named.get('caller', '')}/{named.get('role', '')}/".split("/")
    by_name = next((r for r in roles if r.name in told), None)
    return by_name or next((r for r in roles if r.use == "execution"), None)


def _resource(named: Mapping[str, str]) -> str:
    return named.get("secret") or named.get("parameter") or ""


def every_need(e: NotStarting) -> tuple[Need, ...]:
    """All that a start of the revision asks of its execution role; none where the revision could not be read."""
    setup, definition = e.setup.or_none(), e.definition.or_none()
    return needs(setup, Resource("task_definition", definition.arn)) if setup and definition else ()


def denied(found: Sequence[Lack]) -> tuple[Need, ...]:
    """The needs that are denied for certain."""
    return tuple(lack.need for lack in found if lack.right == "denied")


def refusals(e: NotStarting) -> tuple[ApiEvent, ...]:
    """Calls that CloudTrail recorded as refused to the definition's roles, newest first; none where it was not read."""
    history, definition = e.refused.or_none(), e.definition.or_none()
    if history is None or definition is None:
        return ()
    names = {r.rsplit("/", 1)[-1] for r in (definition.execution_role, definition.task_role) if r}
    return tuple(x for x in history.events if x.denied and x.by.split("/")[0] in names)


def refusal_facts(e: NotStarting) -> tuple[Fact, ...]:
    """The newest refused calls of the roles; CloudTrail shows them minutes later."""
    label = Text("CloudTrail: refused to the role", "CloudTrail: ロールへの拒否")
    return tuple(
        e.refused.fact(label, f"{x.at} {x.source}:{x.name} {x.said}".strip()) for x in refusals(e)[:FACTS_SHOWN]
    )


def role_facts(e: NotStarting, starts: Starts) -> tuple[Fact, ...]:
    """Whether the roles exist and are trusted, and which needs their policies deny."""
    roles = e.roles.or_none()
    if roles is None:
        return ()
    facts: list[Fact] = []
    for role in roles:
        trusted = {True: "yes", False: "no", None: "?"}[role.trusts_tasks]
        label = Text(
            f"{role.use} role {role.name} exists / trusts ECS tasks", f"{USE[role.use].ja} {role.name} の存在 / 信頼"
        )
        facts.append(e.roles.fact(label, f"{'yes' if role.exists else 'no'} / {trusted}"))
    if e.setup.or_none() is not None and e.definition.or_none() is not None:
        _, _, found = lacking(e, starts)
        said = {"denied": Text("not allowed", "許可なし"), "cannot_tell": Text("cannot tell", "判定できず")}
        facts += [
            e.roles.fact(said[lack.right] + Text(f": {lack.need.action}", f": {lack.need.action}"), lack.need.resource)
            for lack in found[:FACTS_SHOWN]
        ]
    return tuple(facts)


# -- ways ----------------------------------------------------------------------------------------------------------


def all_ways(e: NotStarting, starts: Starts) -> tuple[Way, ...]:
    """The ways that the start needs; those to the service that AWS's words name, where they name one.

    Raises:
        Unchecked: a part of the network could not be read.
    """
    wanted, named = services_of(e.setup.get()), named_services(starts.named)
    services = tuple(s for s in wanted if s in named) or wanted
    return ways(e.place.get(), services, e.way_groups.get(), e.way_acls.get())


def closed_ways(e: NotStarting) -> tuple[Way, ...]:
    """Every way of the start that is closed, whichever AWS's words name.

    Raises:
        Unchecked: a part of the network could not be read.
    """
    found = ways(e.place.get(), services_of(e.setup.get()), e.way_groups.get(), e.way_acls.get())
    return tuple(w for w in found if w.state == "closed")


def shut_group(e: NotStarting) -> SecurityGroup | None:
    """The one group of endpoints that one rule would open; None where something else closes a way, or more does."""
    closed = closed_ways(e)
    shut = {w.at for w in closed if w.by == "endpoint_group"}
    one = len(shut) == 1 and {w.by for w in closed} == {"endpoint_group"} and len(e.place.get().groups) == 1
    ids = shut.pop() if one else ()
    return next((g for g in e.way_groups.get() if g.id in ids), None) if len(ids) == 1 else None


def way_facts(e: NotStarting, found: Sequence[Way]) -> tuple[Fact, ...]:
    """One fact for each closed way, at most six."""
    label = Text("closed", "閉じている経路")
    return tuple(Fact(label, way_text(w).en, e.place.source, e.place.read_at) for w in found[:FACTS_SHOWN])


# -- images and definitions ----------------------------------------------------------------------------------------


def image_starts(e: NotStarting) -> Starts:
    """Starts that failed for an image: by AWS's words, or unclear ones where the registry lacks an image.

    Raises:
        Unchecked: there are unclear ones, and the registry could not be asked.
    """
    told = starts_as(e, "image_unavailable")
    if told.count:
        return told
    unclear = starts_as(e, None)
    gone = unclear.count and any(i.found is False for i in e.images.get())
    return unclear if gone else Starts()


def image_facts(e: NotStarting) -> tuple[Fact, ...]:
    """What the registry says of each image."""
    facts = []
    for asked in e.images.or_none() or ():
        said = {True: f"yes {asked.pushed_at}".strip(), False: f"no ({asked.why})", None: f"? ({asked.why})"}
        label = Text(f"in its registry: {asked.image}", f"レジストリでの存在: {asked.image}")
        facts.append(e.images.fact(label, said[asked.found]))
    return tuple(facts)


def change_facts(e: NotStarting) -> tuple[Fact, ...]:
    """What the failing revision has otherwise than the last good one, where both are known."""
    bad, good = e.setup.or_none(), e.good_setup.or_none()
    if bad is None or good is None or not good.arn or good.arn == bad.arn:
        return ()
    return difference_facts(differences(good, bad), e.good_setup.source, e.good_setup.read_at)


def image_changed(bad: TaskSetup, good: TaskSetup) -> bool:
    """Whether the failing revision names other images than the last good one."""
    return bool(good.arn) and set(bad.images) != set(good.images)


def same_named(starts: Starts, good: TaskSetup) -> bool:
    """Whether what AWS's words name as missing is named by the last good revision too."""
    missing = {
        starts.named[kind] for kind in ("secret", "parameter", "log_group", "file_system") if kind in starts.named
    }
    return any(name in value for name in missing for value in good.fields.values())
