"""Stories of recoveries that a person starts by hand, for what the guide's procedures name."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from ops.commands import recovery_look as recovering
from remediator.core.model import Resource
from remediator.core.plan import Plan
from remediator.core.text import Text
from remediator.events.recovery_requests import Asked, AskedTarget, payload
from remediator.handlers import intake

from .. import applications as programs
from .. import names
from ..dynamodb.demand import Demand
from ..laptop import Act, Laptop
from ..world import World
from . import Ending, Scenario

ECS, DYNAMODB, ALB = "recovery.ecs", "recovery.dynamodb", "recovery.alb"
SOMEBODY = f"arn:aws:sts::{names.ACCOUNT}:assumed-role/engineer/sato"
PLAIN = ("10.0.9.11", "10.0.9.12")
NEW = "10.0.9.13"
TABLE = Resource("table", f"arn:aws:dynamodb:{names.REGION}:{names.ACCOUNT}:table/{names.TABLE}")
AT_S = 90.0
What = Callable[[World], Asked]


def ask(laptop: Laptop, asked: Asked) -> Any:
    """A person looks, sees the plan, and lets the deployed function do exactly that."""
    with laptop.world.behind_the_scenes():
        seen = recovering.look(laptop.runtime, asked.procedure, asked.resource, asked.index)
    plan = seen.plan(asked)
    named = plan.short_hash if isinstance(plan, Plan) else "00000000"  # whoever does not use the command may ask so
    return invoke({"recover": payload(replace(asked, plan=named)), "by": SOMEBODY})


def invoke(request: Mapping[str, Any]) -> Any:
    """The deployed intake function, invoked by hand."""
    return intake.handle(request, SimpleNamespace())


def _asks(what: What, at_s: float = AT_S) -> tuple[Act, ...]:
    return (Act(at_s=at_s, do=lambda laptop: ask(laptop, what(laptop.world))),)


def restart(world: World) -> Asked:
    """Fresh tasks of the portfolio's service."""
    return Asked(procedure="ecs", action="restart", resource=Resource("ecs_service", world.service.arn))


def count(number: int) -> What:
    """Another number of its tasks."""
    return lambda world: Asked(
        procedure="ecs", action="count", resource=Resource("ecs_service", world.service.arn), count=number
    )


def capacity(_: World) -> Asked:
    """The guide's own figure for reads, twice as much for its table of 10."""
    return Asked(procedure="dynamodb", action="capacity", resource=TABLE, read=20)


def on_demand(_: World) -> Asked:
    """Billing by the request."""
    return Asked(procedure="dynamodb", action="on_demand", resource=TABLE)


def targets(*, register: tuple[str, ...] = (), deregister: tuple[str, ...] = ()) -> What:
    """Registrations on the portfolio's port; deregistrations on whatever port."""
    return lambda world: Asked(
        procedure="alb",
        action="targets",
        resource=Resource("target_group", world.portfolio.target_group),
        register=tuple(AskedTarget(id=a, port=names.PORT) for a in register),
        deregister=tuple(AskedTarget(id=a) for a in deregister),
    )


def _served(tags: Mapping[str, str] | None = None) -> Callable[[World], None]:
    return lambda world: _run(world, tags)


def _run(world: World, tags: Mapping[str, str] | None) -> None:
    world.run_service(tags=tags)


def _broken(world: World) -> None:
    """Tasks that start from now on end at once."""
    _run(world, None)
    world.behave("1.4.2", programs.CRASHES)


def _scaled_to_nothing(world: World) -> None:
    world.run_service(desired=0)


def _owned_count(world: World) -> None:
    _run(world, None)
    resource = f"service/{names.CLUSTER}/{names.SERVICE}"
    world.someone(
        "application-autoscaling",
        "register_scalable_target",
        ServiceNamespace="ecs",
        ResourceId=resource,
        ScalableDimension="ecs:service:DesiredCount",
        MinCapacity=2,
        MaxCapacity=6,
    )


def _throttled(world: World) -> None:
    """More is read than is provisioned, and nobody watches."""
    world.run_service()
    customer = {"id": {"S": "u-1"}, "email": {"S": "mei@example.com"}}
    world.someone("dynamodb", "put_item", TableName=names.TABLE, Item=customer)
    world.around.table.ask(Demand(read=14))


def _throttled_and_owned(world: World) -> None:
    _throttled(world)
    world.around.scaling.own("read", 5, 12)


def plain_targets(world: World, *addresses: str) -> None:
    """Addresses that someone registered by hand yesterday; all are healthy."""
    world.run_service(balanced=False)
    for address in addresses or PLAIN:
        world.around.targets.place(address, names.PORT, world.clock.now() - timedelta(days=1))


def _switched_off(world: World) -> None:
    _run(world, None)
    world.switch("off")


def _stale(laptop: Laptop) -> None:
    """A person looks; before they start what they saw, somebody scales the service."""
    asked = count(3)(laptop.world)
    with laptop.world.behind_the_scenes():
        saw = recovering.look(laptop.runtime, "ecs", asked.resource).plan(asked)
    assert isinstance(saw, Plan)
    laptop.world.fleet.scale(laptop.world.service, 4, laptop.clock.now())
    invoke({"recover": payload(replace(asked, plan=saw.short_hash)), "by": SOMEBODY})


def _undo(laptop: Laptop) -> None:
    invoke({"undo": str(laptop.records()[0]["pk"]).removeprefix("incident#"), "by": SOMEBODY})


def _refused(cause: str, action: str = "told", refusal: str = "") -> Ending:
    return Ending(cause=cause, action=action, verdict="refused", refusal=refusal)


SCENARIOS = (
    Scenario(
        name="recover-restart",
        title=Text("A person restarts the service", "人がサービスを再起動する"),
        shows=Text(
            "fresh tasks of a new deployment, healthy targets, the endpoint and a quiet log prove it",
            "新しいデプロイのタスク、ターゲット、エンドポイント、ログで確認する",
        ),
        begin=_served(),
        expected=Ending(cause=ECS, action="force_new_deployment", verdict="fixed"),
        acts=_asks(restart),
    ),
    Scenario(
        name="recover-restart-in-vain",
        title=Text("A restart of a program that fails at once", "起動直後に失敗するアプリケーションの再起動"),
        shows=Text("that it did not help is said, and the change is told", "効果がなかったことを報告する"),
        begin=_broken,
        expected=Ending(cause=ECS, action="force_new_deployment", verdict="not_fixed", incidents=2),
        acts=_asks(restart),
    ),
    Scenario(
        name="recover-count",
        title=Text("A person brings a service back from zero tasks", "タスク数 0 のサービスを人が復旧する"),
        shows=Text("the guide's own figure: two tasks", "ガイドの例どおりタスク数を 2 に設定する"),
        begin=_scaled_to_nothing,
        expected=Ending(cause=ECS, action="set_count", verdict="fixed"),
        acts=_asks(count(2)),
    ),
    Scenario(
        name="recover-count-below-minimum",
        title=Text("Fewer tasks than autoscaling keeps", "Auto Scaling の最小値を下回るタスク数"),
        shows=Text("refused: autoscaling owns the count", "タスク数は Auto Scaling の管理下にあるため拒否する"),
        begin=_owned_count,
        expected=_refused(ECS),
        acts=_asks(count(1)),
    ),
    Scenario(
        name="recover-capacity",
        title=Text("A person raises the table's capacity", "人がテーブルの容量を引き上げる"),
        shows=Text(
            "proved by one counted item and five minutes without a throttled request",
            "1 件の件数取得と、5 分間スロットリングがないことで確認する",
        ),
        begin=_throttled,
        expected=Ending(cause=DYNAMODB, action="raise_capacity", verdict="fixed"),
        acts=_asks(capacity, 300),
    ),
    Scenario(
        name="recover-capacity-owned",
        title=Text("Autoscaling owns the capacity", "容量は Auto Scaling の管理下にある"),
        shows=Text("its bounds are raised instead", "代わりに範囲を引き上げる"),
        begin=_throttled_and_owned,
        expected=Ending(cause=DYNAMODB, action="raise_capacity", verdict="fixed"),
        acts=_asks(capacity, 300),
    ),
    Scenario(
        name="recover-on-demand",
        title=Text("A person switches the table to on-demand", "人がオンデマンドモードに切り替える"),
        shows=Text("nothing has to follow the peak any more", "容量設定が不要になる"),
        begin=_throttled,
        expected=Ending(cause=DYNAMODB, action="switch_to_on_demand", verdict="fixed"),
        acts=_asks(on_demand, 300),
    ),
    Scenario(
        name="recover-register",
        title=Text("A person registers a missing target", "人が不足しているターゲットを登録する"),
        shows=Text("proved by its health and by the endpoint", "ターゲットの状態とエンドポイントで確認する"),
        begin=plain_targets,
        expected=Ending(cause=ALB, action="set_targets", verdict="fixed"),
        acts=_asks(targets(register=(NEW,))),
    ),
    Scenario(
        name="recover-deregister",
        title=Text("A person takes one target out", "人がターゲットを 1 つ登録解除する"),
        shows=Text("one healthy target stays", "正常なターゲットが 1 つ残る"),
        begin=plain_targets,
        expected=Ending(cause=ALB, action="set_targets", verdict="fixed"),
        acts=_asks(targets(deregister=PLAIN[:1])),
    ),
    Scenario(
        name="recover-last-target",
        title=Text(
            "A person would take the last healthy targets out", "最後の正常なターゲットまで登録解除しようとする"
        ),
        shows=Text("refused: none would stay", "正常なターゲットが残らないため拒否する"),
        begin=plain_targets,
        expected=_refused(ALB),
        acts=_asks(targets(deregister=PLAIN)),
    ),
    Scenario(
        name="recover-ecs-targets",
        title=Text(
            "A person would deregister a target that ECS registered", "ECS が登録したターゲットを登録解除しようとする"
        ),
        shows=Text("refused: ECS owns it and would bring it back", "ECS の管理下にあるため拒否する"),
        begin=_served(),
        expected=_refused(ALB),
        acts=_asks(targets(register=(NEW,))),
    ),
    Scenario(
        name="recover-untagged",
        title=Text("A recovery of a service that has not opted in", "オプトインしていないサービスの復旧"),
        shows=Text("who starts it does not stand in for the owner's tag", "依頼者がいてもタグの代わりにはならない"),
        begin=_served({}),
        expected=_refused(ECS, "held back", "opt_in"),
        acts=_asks(restart),
    ),
    Scenario(
        name="recover-approve-tag",
        title=Text("A recovery where the owner wants to be asked", "承認制のサービスの復旧"),
        shows=Text(
            "whoever starts it has named exactly this plan, which counts as the approval",
            "依頼者がこの計画を指定して開始したため、承認とみなす",
        ),
        begin=_served({"auto-remediation": "approve"}),
        expected=Ending(cause=ECS, action="force_new_deployment", verdict="fixed"),
        acts=_asks(restart),
    ),
    Scenario(
        name="recover-switched-off",
        title=Text("A recovery while the switch is off", "スイッチ停止中の復旧"),
        shows=Text("the switch stops what people start too", "人が開始した変更もスイッチで止まる"),
        begin=_switched_off,
        expected=_refused(ECS, "held back", "kill_switch"),
        acts=_asks(restart),
    ),
    Scenario(
        name="recover-stale-plan",
        title=Text("Somebody scales between the look and the word", "確認から開始までの間にタスク数が変更される"),
        shows=Text("another plan than the one that was seen is not applied", "確認した計画と異なるため適用しない"),
        begin=_served(),
        expected=_refused(ECS),
        acts=(Act(at_s=AT_S, do=_stale),),
    ),
    Scenario(
        name="recover-and-undo",
        title=Text("A recovery by hand is taken back by hand", "手動の復旧を手動で取り消す"),
        shows=Text("the undo restores the count", "タスク数を元に戻す"),
        begin=_served(),
        expected=Ending(cause=ECS, action="set_count", verdict="fixed", incidents=2),
        acts=(*_asks(count(3)), Act(at_s=2400, do=_undo)),
    ),
)
