"""Stories about a table whose requests are throttled."""

from collections.abc import Callable
from datetime import timedelta

from remediator.core.text import Text

from ..acts import APPROVED, approve, refuse, table_calms
from ..cloudwatch import alarms
from ..cloudwatch.alarms import Form
from ..dynamodb.demand import Demand, Units
from ..dynamodb.user_table import INDEX
from ..laptop import Act
from ..world import World
from . import Ending, Scenario

CAPACITY = "dynamodb_throttling.insufficient_capacity"
HOT_KEY = "dynamodb_throttling.hot_key"
BURST = "dynamodb_throttling.burst_traffic"
MAXIMUM = "dynamodb_throttling.on_demand_maximum"
ACCOUNT = "dynamodb_throttling.account_limit"
MORE = Demand(read=14)  # of 10 that are provisioned
NEAR_A_HOT_KEY = Demand(read=3600, hot_read=3500)


def _busy(demand: Demand, *, form: Form = "filled", muted: bool = False) -> Callable[[World], None]:
    """The provisioned table, and what is asked of it from now on."""

    def begin(world: World) -> None:
        world.run_service()
        world.around.watch(alarms.table_throttled("Read", form=form, muted=muted))
        world.around.table.ask(demand)

    return begin


def _raised_late(world: World) -> None:
    """AWS takes eight minutes to apply a raise."""
    _busy(MORE)(world)
    world.around.table.updating = timedelta(minutes=8)


def _busy_for_hours(world: World) -> None:
    _busy(Demand())(world)
    world.around.table.ask(Demand(read=45), for_s=3 * 3600)


def _owned(maximum: int) -> Callable[[World], None]:
    def begin(world: World) -> None:
        _busy(MORE)(world)
        world.around.scaling.own("read", 5, maximum)

    return begin


def _owner_unknown(world: World) -> None:
    _busy(MORE)(world)
    world.deny("application-autoscaling:DescribeScalableTargets")


def _index(world: World) -> None:
    """Writes are too many for the index alone; the table itself has enough."""
    world.run_service()
    world.around.table.start_with(Units(read=10, write=20))
    world.around.watch(alarms.table_throttled("Write", index=INDEX, form="metric"))
    world.around.table.ask(Demand(write=8))
    world.around.table.ask(Demand(read=1, write=8), INDEX)


def _hot(demand: Demand, units: int) -> Callable[[World], None]:
    def begin(world: World) -> None:
        world.around.table.start_with(Units(read=units, write=5))
        _busy(demand)(world)

    return begin


def _on_demand(demand: Demand, maximum: int | None = None) -> Callable[[World], None]:
    def begin(world: World) -> None:
        world.around.table.start_with(Units(read=0, write=0, max_read=maximum), on_demand=True)
        _busy(demand)(world)

    return begin


SCENARIOS = (
    Scenario(
        name="too-little-capacity",
        title=Text("More is read than is provisioned", "プロビジョニングを超える読み取り"),
        shows=Text(
            "capacity is raised to cover the demand; proved by traffic without a throttled request",
            "需要に見合う容量へ引き上げ、スロットリングのないトラフィックで確認する",
        ),
        begin=_busy(MORE),
        expected=Ending(cause=CAPACITY, action="raise_capacity", verdict="fixed"),
    ),
    Scenario(
        name="too-little-for-one-step",
        title=Text("Even twice the capacity is too little", "2 倍の容量でも不足"),
        shows=Text(
            "one step, no more; that it does not end the throttling is said",
            "引き上げは 1 段階のみで、解消しなかったことを報告する",
        ),
        begin=_busy_for_hours,
        expected=Ending(cause=CAPACITY, action="raise_capacity", verdict="not_fixed"),
    ),
    Scenario(
        name="calm-before-the-raise",
        title=Text("Demand falls before the raise is active", "引き上げの適用前に需要が減少"),
        shows=Text(
            "the program raised the capacity, but throttling had ended before AWS applied it: no credit is claimed",
            "容量を引き上げたが、適用前にスロットリングが収まったため、修復の成果とはしない",
        ),
        begin=_raised_late,
        acts=(Act(at_s=300, do=table_calms),),
        expected=Ending(cause=CAPACITY, action="raise_capacity", verdict="recovered_without_us"),
    ),
    Scenario(
        name="index-throttled",
        title=Text("An alarm on an index", "インデックスのアラーム"),
        shows=Text(
            "the index holds the table's writes back, so the index is raised and not the table",
            "インデックスがテーブルの書き込みを制限しているため、インデックスのみを引き上げる",
        ),
        begin=_index,
        expected=Ending(cause=CAPACITY, action="raise_capacity", verdict="fixed"),
    ),
    Scenario(
        name="autoscaled",
        title=Text("Application Auto Scaling owns the capacity", "容量は Auto Scaling が管理"),
        shows=Text(
            "its bounds are raised, because it would overwrite anything else",
            "直接の変更は上書きされるため、スケーリングの範囲を引き上げる",
        ),
        begin=_owned(10),
        expected=Ending(cause=CAPACITY, action="raise_capacity", verdict="fixed"),
    ),
    Scenario(
        name="owner-unknown",
        title=Text("Who owns the capacity cannot be read", "容量の管理者を読み取れない"),
        shows=Text("no capacity is written", "容量は変更しない"),
        begin=_owner_unknown,
        expected=Ending(cause=CAPACITY, action="told", verdict="not_fixed"),
    ),
    Scenario(
        name="hot-key",
        title=Text("One key takes more than a partition serves", "1 つのキーがパーティションの上限を超過"),
        shows=Text(
            "capacity is never raised for it; after approval the throttled keys are made visible",
            "容量は引き上げず、承認後にスロットリングされたキーを可視化する",
        ),
        begin=_hot(Demand(read=4000, hot_read=3600), 6000),
        acts=APPROVED,
        expected=Ending(cause=HOT_KEY, action="watch_throttled_keys", verdict="not_fixed"),
    ),
    Scenario(
        name="hot-key-among-others",
        title=Text("A hot key, and a little over capacity besides", "ホットキーに加え、わずかな容量超過"),
        shows=Text("looks like too little capacity; the key is the cause", "容量不足に見えるが、原因はホットキー"),
        begin=_hot(NEAR_A_HOT_KEY, 3050),
        acts=(Act(after_question_s=120, do=refuse),),
        expected=Ending(cause=HOT_KEY, action="held back", verdict="not_fixed", refusal="refuse"),
        looks_like=CAPACITY,
    ),
    Scenario(
        name="burst",
        title=Text("A sudden peak far above the hour's level", "通常を大きく上回る急なピーク"),
        shows=Text(
            "one step cannot follow it; a person decides on on-demand",
            "1 段階の引き上げでは追従できず、オンデマンドへの切り替えを人が判断する",
        ),
        begin=_busy(Demand(read=160)),
        acts=APPROVED,
        expected=Ending(cause=BURST, action="switch_to_on_demand", verdict="fixed"),
    ),
    Scenario(
        name="burst-ends",
        title=Text("The peak is over before anyone answers", "回答前にピークが終了"),
        shows=Text("nothing is changed", "変更しない"),
        begin=_busy(Demand(read=160)),
        acts=(Act(after_question_s=120, do=table_calms), Act(after_question_s=900, do=approve)),
        expected=Ending(cause=BURST, action="held back", verdict="recovered_without_us", refusal="plan"),
    ),
    Scenario(
        name="on-demand-maximum",
        title=Text("The configured on-demand maximum is reached", "オンデマンド上限に到達"),
        shows=Text("raised after approval, because it bounds the cost", "費用の上限のため、承認後に引き上げる"),
        begin=_on_demand(Demand(read=150), 100),
        acts=APPROVED,
        expected=Ending(cause=MAXIMUM, action="raise_on_demand_maximum", verdict="fixed"),
        looks_like=BURST,
    ),
    Scenario(
        name="account-limit",
        title=Text("The quota is reached", "クォータに到達"),
        shows=Text(
            "looks like an on-demand maximum; told with the request for more",
            "オンデマンド上限に見えるが、引き上げ申請を案内する",
        ),
        begin=_on_demand(Demand(read=52_000)),
        expected=Ending(cause=ACCOUNT, action="told", verdict="not_fixed"),
        looks_like=MAXIMUM,
    ),
    Scenario(
        name="table-contributor",
        title=Text("A query's alarm names the table", "クエリのアラームがテーブルを特定"),
        shows=Text("a contributor is a signal like any other", "コントリビューターも通常のシグナルとして扱う"),
        begin=_busy(MORE, form="contributor"),
        expected=Ending(cause=CAPACITY, action="raise_capacity", verdict="fixed"),
    ),
    Scenario(
        name="table-muted",
        title=Text("The alarm is muted", "アラームがミュート中"),
        shows=Text("nothing starts within a mute window", "ミュート期間中は何も開始しない"),
        begin=_busy(MORE, muted=True),
        lasts_s=900,
        expected=Ending(incidents=0),
    ),
    Scenario(
        name="busy-key-within-its-partition",
        title=Text("One key takes nearly all of the load", "1 つのキーに負荷が集中"),
        shows=Text(
            "looks like a hot key; its partition serves it, the provisioned capacity does not",
            "ホットキーに見えるが、パーティションの上限内で、不足しているのはプロビジョニング容量",
        ),
        begin=_busy(Demand(read=14, hot_read=13)),
        expected=Ending(cause=CAPACITY, action="raise_capacity", verdict="fixed"),
        looks_like=HOT_KEY,
    ),
    Scenario(
        name="maximum-near-the-quota",
        title=Text("Demand close to the quota, held back by the table's own maximum", "クォータ近くの需要を上限が制限"),
        shows=Text(
            "looks like the account's quota; the configured maximum throttles, and is raised up to the quota",
            "アカウントのクォータに見えるが、設定された上限が原因のため、クォータまで引き上げる",
        ),
        begin=_on_demand(Demand(read=39_000), 30_000),
        acts=APPROVED,
        expected=Ending(cause=MAXIMUM, action="raise_on_demand_maximum", verdict="fixed"),
        looks_like=ACCOUNT,
    ),
)
