"""One step of a hand-back: the same calls that lent it, with lower values. Its undo lends the step again."""

from collections.abc import Mapping

from ..dynamodb import DIRECTIONS, Table, Throughput, bounds_name, maximum_name, units_name
from ..evidence import Unchecked
from ..hand_back import Held, LoanEvidence, after_step, now_of
from ..lease import RUNBOOK, step_lease_s
from ..model import Call, Plan, Resource
from ..settings import Limits
from ..text import Text
from .capacity import set_bounds, set_maxima, set_units
from .ecs_service import set_count
from .step_out import COUNT, MINIMUM, set_minimum

Values = Mapping[str, int]
WORSE = Text("throttled requests, or slow responses", "スロットリングまたは応答の遅延")


def plan_hand_back(e: LoanEvidence, resource: Resource, limits: Limits) -> Plan:
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


def call_for(held: Held, values: Values) -> Call:
    """The one call that sets these values; raises `Unchecked` where what they are set on is not known."""
    made = _of_service(held, values) if held.service else _of_table(held, values)
    if made is None:
        raise Unchecked(f"what {', '.join(values)} belongs to could not be read")
    return made


def _of_service(held: Held, values: Values) -> Call | None:
    if held.service and COUNT in values:
        return set_count(held.service, values[COUNT])
    if held.service and held.owner and held.owner.owned and MINIMUM in values:
        return set_minimum(held.service, held.owner.arn, values[MINIMUM])
    return None


def _of_table(held: Held, values: Values) -> Call | None:
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
