"""Row `dynamodb_throttling.insufficient_capacity`.

Provisioned units are short, and what is asked for is near enough for one step.
"""

from ...core.plan import Advise, Decision
from ...core.ports import Permission
from ...core.runbook import Cause, Finding, Holds, RuledOut, Setting, writes
from ...core.text import Text
from ...resources.dynamodb.capacity_plans import Raise, plan_bounds, plan_units
from ...resources.dynamodb.change_limits import not_ours, preconditions, quota_reasons_to_ask
from ...resources.dynamodb.model import STEP_AT_MOST, Flow, burst, next_units
from .evidence import Evidence
from .facts import (
    ID,
    METRIC,
    TABLE,
    TABLE_ARN,
    demand_facts,
    hour_of,
    not_units,
    part_of,
    quota_commands,
    short_of_units,
    throttle_facts,
    weight,
)

SCALABLE_TARGET_ARN = "arn:{partition}:application-autoscaling:{region}:{account}:scalable-target/*"
AT_QUOTA = Text("The table is at its quota: see the command.", "テーブルのクォータに達しています。")


def holds(e: Evidence, _: Setting) -> Finding:
    """Provisioned units are short, and what is asked for is near enough for one step."""
    short = short_of_units(e)
    if (against := not_units(e, short)) is not None:
        return against
    if burst(hour_of(e, short[0]), part_of(e, short[0]).units(short[0].direction)):
        return RuledOut(Text("the peak is beyond one step: a burst", "ピークが 1 段階の引き上げを超えるバーストです"))
    facts = (*throttle_facts(e, short, "provisioned"), *demand_facts(e, short[0]))
    return Holds(facts, weight=weight(short, "provisioned"))


@writes(
    Permission("dynamodb:UpdateTable", TABLE_ARN),
    Permission("application-autoscaling:RegisterScalableTarget", SCALABLE_TARGET_ARN),
    does=Text(
        "raises provisioned capacity, or the bounds where autoscaling owns it, by one step (asks above the limits)",
        "プロビジョニング容量（Auto Scaling 管理の場合はその範囲）を 1 段階引き上げる（上限を超える場合は承認を求める）",
    ),
)
def raise_capacity(e: Evidence, setting: Setting) -> Decision:
    """One step up for what is throttled most: an index before the table that it holds back."""
    short = short_of_units(e)
    if (wait := preconditions(e.table.get(), short, "provisioned", setting)) is not None:
        return wait
    worst, limits = short[0], setting.settings.limits
    owned = {(b.index, b.direction): b for b in e.scaling.get()}
    bounds = owned.get((worst.index, worst.direction))
    raised = (
        (worst,)
        if bounds
        else tuple(f for f in short if f.index == worst.index and (f.index, f.direction) not in owned)
    )
    more = Raise(
        runbook=ID,
        table=e.table.get(),
        part=part_of(e, worst),
        units={f.direction: n for f in raised if (n := _next_units(e, f))},
        doubts=quota_reasons_to_ask(e.quotas),
    )
    if worst.direction not in more.units:
        return Advise(AT_QUOTA, quota_commands(e, short))
    if bounds is None:
        return plan_units(more, limits)
    return not_ours(bounds) or plan_bounds(more, bounds, limits)


def _next_units(e: Evidence, flow: Flow) -> int | None:
    units, quotas = part_of(e, flow).units(flow.direction), e.quotas.or_none()
    at_most = quotas.of_table(flow.direction) if quotas else STEP_AT_MOST * units
    return next_units(units, hour_of(e, flow).wanted_per_s, at_most)


CAUSE = Cause(
    id="insufficient_capacity",
    title=Text("provisioned capacity too low", "プロビジョニング容量の不足"),
    holds=holds,
    fixes=(raise_capacity,),
    advice=Text(
        "Compare consumed with provisioned capacity over a week; then set capacity or autoscaling bounds in the template.",
        "1 週間の消費量とプロビジョニング容量を比較し、テンプレートで容量または Auto Scaling の範囲を設定してください。",
    ),
    confirm=Text(
        "ReadProvisionedThroughputThrottleEvents or its Write counterpart counts, and what was consumed reaches what is "
        "provisioned, minute by minute, for the table or that index.",
        "ReadProvisionedThroughputThrottleEvents（または Write 側）が発生し、テーブルまたは該当インデックスの消費量が"
        "分単位でプロビジョニング値に達しています。",
    ),
    look=(
        TABLE,
        METRIC.format(metric="<Read-or-Write>ProvisionedThroughputThrottleEvents"),
        METRIC.format(metric="Consumed<Read-or-Write>CapacityUnits"),
        "aws application-autoscaling describe-scalable-targets --service-namespace dynamodb --resource-ids table/<table>",
    ),
)
