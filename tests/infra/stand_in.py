"""A small runbook that stands for any: the stacks must not depend on which runbooks there are."""

from dataclasses import dataclass
from typing import Any

from remediator.core.evidence import Reading, reading
from remediator.core.model import Verdict
from remediator.core.plan import Advise, Decision
from remediator.core.ports import Aws, Permission, Scope, reads
from remediator.core.runbook import Cause, Judgement, RuledOut, Runbook, Setting, Trigger, writes
from remediator.core.text import same

SERVICE = "arn:{partition}:ecs:{region}:{account}:service/*"
STOPPED = {
    "source": ["aws.ecs"],
    "detail-type": ["ECS Task State Change"],
    "detail": {"lastStatus": ["STOPPED"], "group": [{"prefix": "service:"}]},
}


@reads(Permission("ecs:DescribeServices", SERVICE), Permission("cloudwatch:GetMetricData"))
def read_service(aws: Aws, scope: Scope) -> str:
    return str(aws.call("ecs:DescribeServices", services=[scope.incident.resource.name]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    service: Reading[str] = reading(read_service)


def stand_in(
    id: str = "ecs_stand_in",
    *permissions: Permission,
    pattern: dict[str, Any] | None = None,
    kind: str = "ecs_task_stopped",
) -> Runbook[Evidence, Evidence]:
    """A runbook whose only planner declares `permissions`."""

    @writes(*(permissions or (Permission("ecs:UpdateService", SERVICE),)), does=same("nothing"))
    def plan(evidence: Evidence, setting: Setting) -> Decision:
        return Advise(same("nothing"))

    return Runbook(
        id=id,
        title=same("stand-in"),
        symptom=same("stand-in"),
        guide="none",
        triggers=(Trigger(kind=kind, pattern=pattern or STOPPED, accepts=lambda _: True),),
        evidence=Evidence,
        causes=(
            Cause(
                id="any",
                title=same("any"),
                holds=lambda e, s: RuledOut(same("never")),
                advice=same("none"),
                fixes=(plan,),
            ),
        ),
        outcome=Evidence,
        judge=lambda outcome, aftermath: Judgement(Verdict.CANNOT_TELL, ()),
        opt_in_tag=lambda e: None,
        current_values=lambda e: {},
        situation=lambda e: (),
    )
