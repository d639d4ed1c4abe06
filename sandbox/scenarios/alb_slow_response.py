"""Stories about responses that are slow while they succeed: busy tasks, a late table, a zone whose network is ill."""

from collections.abc import Callable

from remediator.core.text import Text

from .. import applications as programs
from ..cloudwatch import alarms
from ..dynamodb.demand import Demand
from ..laptop import Act, Laptop
from ..world import World
from . import Ending, Scenario

BUSY = "alb_slow_response.task_resources"
TABLE = "alb_slow_response.dynamodb_latency"
NETWORK = "alb_slow_response.network_congestion"
CAPACITY = "dynamodb_throttling.insufficient_capacity"
LONG_GRACE_S = 7 * 24 * 3600
MORE = 3.0  # times the usual load: two tasks at 90 % CPU, three at 60 %
MUCH_MORE = 9.0  # six tasks at 90 %


def _served(world: World, *, tasks: int = 2, muted: bool = False) -> None:
    """A healthy service behind the load balancer, and the stack's alarm on its response time."""
    world.run_service(grace_s=LONG_GRACE_S, desired=tasks)
    world.around.watch(alarms.slow_response(world.portfolio, muted=muted))


def _loaded(
    times: float = MORE, *, tasks: int = 2, owned: tuple[int, int] | None = None, muted: bool = False
) -> Callable[[World], None]:
    """Requests become so many times more."""

    def begin(world: World) -> None:
        _served(world, tasks=tasks, muted=muted)
        if owned:
            world.around.scaling.own_count(*owned)
        _set_load(world, times)

    return begin


def _set_load(world: World, times: float) -> None:
    now = world.clock.now()
    world.around.traffic.load.set(times, at=now, now=now)


def _slow_to_add(world: World) -> None:
    """The load triples, and a task that is added takes long to be ready."""
    _loaded()(world)
    world.behave("1.4.2", programs.STARTS_VERY_SLOWLY)


def _usual_again(laptop: Laptop) -> None:
    _set_load(laptop.world, 1.0)


def _late_table(ms: float, *, load: float = 1.0) -> Callable[[World], None]:
    """The table answers later than it did, and refuses nothing."""

    def begin(world: World) -> None:
        _served(world)
        now = world.clock.now()
        world.around.table.latency_ms.set(ms, at=now, now=now)
        if load != 1.0:
            _set_load(world, load)

    return begin


def _throttled(world: World) -> None:
    """More is read than is provisioned; the tasks are busy with trying again."""
    _served(world)
    _set_load(world, MORE)
    world.around.table.ask(Demand(read=14))


def _ill_zone(times: float, *, load: float = 1.0) -> Callable[[World], None]:
    """Answers through one zone take so many times as long."""

    def begin(world: World) -> None:
        _served(world)
        now = world.clock.now()
        world.around.traffic.zones.set({"c": times}, at=now, now=now)
        if load != 1.0:
            _set_load(world, load)

    return begin


def _untagged(world: World) -> None:
    _loaded()(world)
    world.service.tags.clear()


def _slow_program(world: World) -> None:
    """Every request takes longer, and nothing is short."""
    _served(world)
    world.misbehave(programs.ANSWERS_IN_300_MS)


SCENARIOS = (
    Scenario(
        name="slow-busy-tasks",
        title=Text("Three times the load on two tasks", "2 タスクに通常の 3 倍の負荷"),
        shows=Text(
            "CPU is high in the slow minutes: one step more tasks, proved by the load balancer's own clock",
            "遅延と同時に CPU が高いため、タスクを 1 段階増やし、ALB の応答時間で確認する",
        ),
        begin=_loaded(),
        expected=Ending(cause=BUSY, action="step_out", verdict="fixed"),
    ),
    Scenario(
        name="slow-busy-autoscaled",
        title=Text("The same, and autoscaling owns the count", "同じ負荷で、タスク数は Auto Scaling が管理"),
        shows=Text(
            "its minimum is raised, never the count itself", "タスク数ではなく Auto Scaling の最小値を引き上げる"
        ),
        begin=_loaded(owned=(2, 6)),
        expected=Ending(cause=BUSY, action="step_out", verdict="fixed"),
    ),
    Scenario(
        name="slow-until-the-load-falls",
        title=Text("The load falls before the added task takes traffic", "追加タスクの稼働前に負荷が減少"),
        shows=Text(
            "a task was added, but responses were fast again before it was in service: no credit is claimed",
            "タスクを追加したが、稼働前に応答が速くなったため、修復の成果とはしない",
        ),
        begin=_slow_to_add,
        acts=(Act(at_s=420, do=_usual_again),),
        expected=Ending(cause=BUSY, action="step_out", verdict="recovered_without_us"),
    ),
    Scenario(
        name="slow-at-the-ceiling",
        title=Text("As many tasks run as may run", "タスク数がすでに上限"),
        shows=Text("nothing is raised above the declared ceiling", "宣言された上限を超えて増やさない"),
        begin=_loaded(MUCH_MORE, tasks=6),
        expected=Ending(cause=BUSY, action="told", verdict="not_fixed"),
    ),
    Scenario(
        name="slow-untagged",
        title=Text("Busy tasks of a service that nobody opted in", "許可されていないサービスの負荷上昇"),
        shows=Text("told what would have been done", "実施するはずだった対応を知らせるのみ"),
        begin=_untagged,
        expected=Ending(cause=BUSY, action="held back", verdict="not_fixed", refusal="opt_in"),
    ),
    Scenario(
        name="slow-throttled-table",
        title=Text(
            "The table refuses reads, and the tasks are busy", "テーブルが読み取りを拒否し、タスクの CPU も高い"
        ),
        shows=Text(
            "looks like too few tasks; the table throttles, so its own runbook heals it in the same thread",
            "タスク不足に見えるが、テーブルのスロットリングが原因のため、同じスレッドで引き継いで修復する",
        ),
        begin=_throttled,
        expected=Ending(cause=CAPACITY, action="raise_capacity", verdict="fixed", noticed=(TABLE,)),
        looks_like=BUSY,
    ),
    Scenario(
        name="slow-table",
        title=Text("The table answers late and refuses nothing", "テーブルの応答が遅いが、拒否はない"),
        shows=Text("told: more capacity would not help", "キャパシティ増では改善しないため、人に知らせる"),
        begin=_late_table(120.0),
        expected=Ending(cause=TABLE, action="told", verdict="not_fixed"),
    ),
    Scenario(
        name="slow-table-innocent",
        title=Text("The table is a little slower, the tasks are busy", "テーブルがやや遅いが、原因はタスクの負荷"),
        shows=Text(
            "looks like the table; it answers within DynamoDB's usual, and the tasks are short of CPU",
            "テーブルが原因に見えるが、応答は通常の範囲で、不足しているのはタスクの CPU",
        ),
        begin=_late_table(16.0, load=MORE),
        expected=Ending(cause=BUSY, action="step_out", verdict="fixed"),
        looks_like=TABLE,
    ),
    Scenario(
        name="slow-zone",
        title=Text("One zone is slow", "特定のゾーンだけが遅い"),
        shows=Text("told, with the zone; nothing is moved", "該当ゾーンを知らせる（切り離しは行わない）"),
        begin=_ill_zone(6.0),
        expected=Ending(cause=NETWORK, action="told", verdict="not_fixed"),
    ),
    Scenario(
        name="slow-zone-innocent",
        title=Text("One zone is a little slower, the tasks are busy", "特定ゾーンがやや遅いが、原因はタスクの負荷"),
        shows=Text(
            "looks like the zone; every zone is slow, because the tasks are short of CPU",
            "ゾーンが原因に見えるが、CPU 不足のため全ゾーンが遅い",
        ),
        begin=_ill_zone(1.5, load=MORE),
        expected=Ending(cause=BUSY, action="step_out", verdict="fixed"),
        looks_like=NETWORK,
    ),
    Scenario(
        name="slow-program",
        title=Text("The program itself takes longer", "プログラム自体の処理が遅い"),
        shows=Text(
            "no row explains it: said so, with what was looked at", "該当する項目がないことを、確認内容とともに知らせる"
        ),
        begin=_slow_program,
        expected=Ending(action="told", verdict="not_fixed"),
    ),
    Scenario(
        name="slow-muted",
        title=Text("The alarm is muted", "アラームがミュート中"),
        shows=Text("nothing is started", "何も開始しない"),
        begin=_loaded(muted=True),
        expected=Ending(incidents=0),
        lasts_s=900,
    ),
)
