"""Row `lease_hand_back.calm`. The last hour would fit the next lower step, with headroom."""

from collections.abc import Mapping

from ...core.evidence import Unchecked
from ...core.lease import RUNBOOK, step_lease_s
from ...core.model import Resource
from ...core.plan import Call, Decision, Plan
from ...core.ports import Permission
from ...core.runbook import Cause, Finding, Holds, RuledOut, Setting, writes
from ...core.settings import Limits
from ...core.text import Text
from ...resources.dynamodb.capacity_plans import set_bounds, set_maxima, set_units
from ...resources.dynamodb.model import Table, Throughput, bounds_name, maximum_name, units_name
from ...resources.dynamodb.throttle_metrics import DIRECTIONS
from ...resources.ecs.plans.scale_out import COUNT, MINIMUM, set_minimum
from ...resources.ecs.plans.service import set_count
from .evidence import Evidence
from .facts import BOUNDS_NOW, COUNT_NOW, TABLE_NOW, loan_facts, not_calm, usage_facts
from .loan import after_step, decreases_spent, now_of
from .model import BorrowedState

Values = Mapping[str, int]


WORSE = Text("throttled requests, or slow responses", "スロットリングまたは応答の遅延")
TABLE_ARN = "arn:{partition}:dynamodb:{region}:{account}:table/*"
SERVICE_ARN = "arn:{partition}:ecs:{region}:{account}:service/*"
SCALABLE_TARGET_ARN = "arn:{partition}:application-autoscaling:{region}:{account}:scalable-target/*"


def plan_hand_back(e: Evidence, resource: Resource, limits: Limits) -> Plan:
    """The step towards what was before the loan; where more is left, the next step is due when this one is proved."""
    loan, held = e.loan.get(), e.held.get()
    now, then = now_of(loan, held), after_step(e)
    span = ", ".join(f"{name} {now[name]} -> {then[name]}" for name in now if then[name] != now[name])
    left = then != dict(loan.was)
    whole = Text("a step, more follow", "段階的な返却の途中") if left else Text("all of it", "全量")
    return Plan(
        runbook=RUNBOOK,
        cause=f"{RUNBOOK}.calm",
        fix="hand_back",
        title=Text(
            f"Hand back what was lent to {resource.name}: {span} (", f"{resource.name} の一時変更を戻す: {span}（"
        )
        + whole
        + Text(")", "）"),
        resource=resource,
        calls=(call_for(held, then),),
        before={name: str(value) for name, value in now.items()},
        after={name: str(value) for name, value in then.items()},
        undo=(call_for(held, now),),
        worse=WORSE,
        lease_s=step_lease_s(limits) if left else 0,
    )


def call_for(held: BorrowedState, values: Values) -> Call:
    """The one call that sets these values; raises `Unchecked` where what they are set on is not known."""
    made = _of_service(held, values) if held.service else _of_table(held, values)
    if made is None:
        raise Unchecked(f"what {', '.join(values)} belongs to could not be read")
    return made


def _of_service(held: BorrowedState, values: Values) -> Call | None:
    if held.service and COUNT in values:
        return set_count(held.service, values[COUNT])
    if held.service and held.owner and held.owner.owned and MINIMUM in values:
        return set_minimum(held.service, held.owner.arn, values[MINIMUM])
    return None


def _of_table(held: BorrowedState, values: Values) -> Call | None:
    for bounds in held.scaling:
        low, high = bounds_name(bounds, "Min"), bounds_name(bounds, "Max")
        if bounds.arn and (low in values or high in values):
            return set_bounds(bounds, values.get(low, bounds.minimum), values.get(high, bounds.maximum))
    table = held.table
    parts = (table.own, *table.indexes) if table else ()
    made = (_of_part(table, part, values) for part in parts if table)
    return next((call for call in made if call), None)


def _of_part(table: Table, part: Throughput, values: Values) -> Call | None:
    units = {d: values[n] for d in DIRECTIONS if (n := units_name(part.index, d)) in values}
    if units:
        return set_units(table, part, {d: units.get(d, part.units(d)) for d in DIRECTIONS})
    maxima = {d: values[n] for d in DIRECTIONS if (n := maximum_name(part.index, d)) in values}
    if not maxima:
        return None
    kept = {d: most for d in DIRECTIONS if (most := part.maximum(d)) is not None}
    return set_maxima(table, part, {**kept, **maxima})


def holds(e: Evidence, setting: Setting) -> Finding:
    """The last hour would fit the next lower step, with headroom."""
    if (against := not_calm(e, setting)) is not None:
        return against
    if decreases_spent(e):
        return RuledOut(Text("no decrease is left today", "本日の引き下げ回数を使い切っています"))
    return Holds((*loan_facts(e), *usage_facts(e)))


@writes(
    Permission("dynamodb:UpdateTable", TABLE_ARN),
    Permission("application-autoscaling:RegisterScalableTarget", SCALABLE_TARGET_ARN),
    Permission("ecs:UpdateService", SERVICE_ARN),
    does=Text(
        "hands back one step, at most half of what is left; undone by itself where it makes things worse",
        "残りの半分以下を 1 段階戻す（悪化した場合は自動で取り消す）",
    ),
)
def hand_back(e: Evidence, setting: Setting) -> Decision:
    """One step towards what was before the loan."""
    return plan_hand_back(e, _resource(e), setting.settings.limits)


def _resource(e: Evidence) -> Resource:
    held = e.held.get()
    if held.service:
        return Resource("ecs_service", held.service.arn)
    assert held.table  # noqa: S101  # one of the two, or it is gone
    return Resource("table", held.table.own.arn)


CAUSE = Cause(
    id="calm",
    title=Text("calm: it can go back", "落ち着いたため返却可能"),
    holds=holds,
    fixes=(hand_back,),
    advice=Text(
        "Nothing, unless it should stay: then undo the step and put the higher value into the template.",
        "対応は不要です。引き上げた値を維持する場合は、返却を取り消してテンプレートに反映してください。",
    ),
    confirm=Text(
        "The highest minute of the last hour is under 70 % of the next lower value, and nothing was throttled or slow.",
        "直近 1 時間の最大の分が 1 段階低い値の 70 % 未満で、スロットリングや遅延がありません。",
    ),
    look=(TABLE_NOW, BOUNDS_NOW, COUNT_NOW),
)
