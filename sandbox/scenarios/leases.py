"""Stories about what a fix has lent: handed back in steps, lent on, left alone, or taken again because it was too early."""

from collections.abc import Callable
from functools import partial

from remediator.core.text import Text
from remediator.handlers import approve

from .. import names
from ..acts import table_calms
from ..cloudtrail.people import changes
from ..dynamodb.demand import Demand
from ..laptop import Act, Laptop
from ..published import lambda_context
from . import Ending, Scenario
from .alb_slow_response import BUSY
from .alb_slow_response import _loaded as loaded
from .dynamodb_throttling import CAPACITY, MORE
from .dynamodb_throttling import _busy as busy
from .dynamodb_throttling import _owned as owned

HOUR_S = 3600
CALM_AT_S = HOUR_S // 2
TAKEN_S = 3 * HOUR_S  # the first look is two hours after the raise
STEPS_S = 5 * HOUR_S
MIDNIGHT_S = 25 * HOUR_S  # the world begins at 03:00 UTC
HANDED_BACK = "calm: fixed"
RAISED = Ending(cause=CAPACITY, action="raise_capacity", verdict="fixed")
STEPPED_OUT = Ending(cause=BUSY, action="step_out", verdict="fixed")


def _load_calms(laptop: Laptop) -> None:
    now = laptop.clock.now()
    laptop.world.around.traffic.load.set(1.0, at=now, now=now)


def _somebody_sets(laptop: Laptop) -> None:
    units = {"ReadCapacityUnits": 30, "WriteCapacityUnits": 5}
    changes(laptop.world, "dynamodb", "UpdateTable", TableName=names.TABLE, ProvisionedThroughput=units)


def _four_decreases(laptop: Laptop) -> None:
    """Somebody has taken the table down four times today."""
    laptop.world.around.table.past[""].decreases.extend([laptop.clock.now()] * 4)


def _asks_again(laptop: Laptop) -> None:
    """More is read again, as soon as the first step of the hand-back serves."""
    laptop.world.around.table.ask(Demand(read=19))


def _undo(laptop: Laptop) -> None:
    id = str(laptop.records()[0]["pk"]).removeprefix("incident#")
    response = approve.handle({"reference": id, "answer": "undo", "by": "sato@example.com"}, lambda_context())
    assert isinstance(response, dict), response
    assert response["accepted"], response


def _switch_off(laptop: Laptop) -> None:
    laptop.world.switch("off")


def _untag(laptop: Laptop) -> None:
    laptop.world.around.table.tags.clear()


def _tag_again(laptop: Laptop) -> None:
    laptop.world.around.table.tags.update({"auto-remediation": "auto"})


def _later(at_s: float, *acts: Callable[[Laptop], None]) -> tuple[Act, ...]:
    return tuple(Act(at_s=at_s, do=act) for act in acts)


def _calm(*acts: Callable[[Laptop], None]) -> tuple[Act, ...]:
    """The table calms, and so much happens besides, before anybody looks at the loan."""
    return _later(CALM_AT_S, table_calms, *acts)


def _with(leases: tuple[str, ...], of: Ending = RAISED, incidents: int = 1) -> Ending:
    return Ending(cause=of.cause, action=of.action, verdict=of.verdict, incidents=incidents, leases=leases)


_raised = partial(Scenario, begin=busy(MORE), leases_s=TAKEN_S)  # a table's capacity, looked at once


SCENARIOS = (
    _raised(
        name="lease-handed-back",
        title=Text("Raised capacity is no longer needed", "引き上げた容量が不要になった"),
        shows=Text("handed back in three steps, each proved before the next", "3 段階で元に戻し、1 段階ごとに確認する"),
        acts=_calm(),
        leases_s=STEPS_S,
        expected=_with((HANDED_BACK,) * 3),
    ),
    _raised(
        name="lease-still-needed",
        title=Text("Raised capacity is still used", "引き上げた容量を引き続き使用中"),
        shows=Text("lent on, and said", "延長し、そのことを知らせる"),
        expected=_with(("still_needed: extended",)),
    ),
    _raised(
        name="lease-decreases-spent",
        title=Text("Nobody may lower the capacity again today", "本日の引き下げ回数を使い切った"),
        shows=Text("lent on until the next UTC day, then handed back", "翌日（UTC）まで延長し、その後に元へ戻す"),
        acts=_calm(_four_decreases),
        leases_s=MIDNIGHT_S,
        expected=_with(("decreases_spent: extended", *(HANDED_BACK,) * 3)),
    ),
    _raised(
        name="lease-changed-by-hand",
        title=Text("Somebody sets another capacity", "別の担当者が容量を変更した"),
        shows=Text("it is theirs: left alone, and said", "担当者の設定として変更せず、そのことを知らせる"),
        acts=_calm(_somebody_sets),
        expected=_with(("not_ours_any_more: let_go",)),
    ),
    _raised(
        name="lease-undone-by-hand",
        title=Text("Somebody undoes the raise", "担当者が引き上げを取り消した"),
        shows=Text("nothing is left to hand back", "戻すものはなく、変更しない"),
        acts=_calm(_undo),
        expected=_with(("not_ours_any_more: let_go",), incidents=2),
    ),
    _raised(
        name="lease-too-early",
        title=Text("Requests are throttled after the hand-back", "元に戻した直後に再びスロットリングが発生"),
        shows=Text(
            "the step is taken back at once, and the loan looked at again later",
            "返却をただちに取り消し、後で再確認する",
        ),
        acts=(*_calm(), *_later(2 * HOUR_S + 360, _asks_again)),
        leases_s=TAKEN_S - HOUR_S // 2,
        expected=_with(("calm: undone",)),
    ),
    _raised(
        name="lease-switched-off",
        title=Text("The switch is off when it is due", "返却期限の時点でスイッチが off"),
        shows=Text("nothing is written; lent on, and said", "書き込まず、延長したことを知らせる"),
        acts=_calm(_switch_off),
        expected=_with(("calm: extended",)),
    ),
    _raised(
        name="lease-tag-gone",
        title=Text("The tag is gone when it is due", "返却期限の時点でタグがない"),
        shows=Text("nothing is written; lent on, and said", "書き込まず、延長したことを知らせる"),
        acts=(*_calm(_untag), *_later(TAKEN_S - 600, _tag_again)),
        expected=_with(("calm: extended",)),
    ),
    Scenario(
        name="lease-bounds",
        title=Text("Raised bounds of autoscaling", "Auto Scaling の範囲の一時変更"),
        shows=Text("the bounds go back in steps, never the units themselves", "容量自体ではなく範囲を段階的に戻す"),
        begin=owned(10),
        acts=_calm(),
        leases_s=STEPS_S,
        expected=_with((HANDED_BACK,) * 3),
    ),
    Scenario(
        name="lease-count",
        title=Text("More tasks than are needed", "タスク数が過剰になった"),
        shows=Text("the added task goes back", "追加したタスクを元に戻す"),
        begin=loaded(),
        acts=_later(CALM_AT_S, _load_calms),
        leases_s=TAKEN_S,
        expected=_with((HANDED_BACK,), STEPPED_OUT),
    ),
    Scenario(
        name="lease-minimum",
        title=Text("A raised minimum of autoscaling", "Auto Scaling の最小値の一時変更"),
        shows=Text(
            "the minimum goes back; autoscaling decides on the tasks", "最小値を戻し、タスク数は Auto Scaling に任せる"
        ),
        begin=loaded(owned=(2, 6)),
        acts=_later(CALM_AT_S, _load_calms),
        leases_s=TAKEN_S,
        expected=_with((HANDED_BACK,), STEPPED_OUT),
    ),
)
