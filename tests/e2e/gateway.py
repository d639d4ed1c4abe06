"""Stories about a load balancer that answers 5xx itself."""

from .stage import Stage
from .story import Story
from .tasks import ASKED_AND_APPROVED, falls_ill

LATE_S = 70
ANSWERS_LATE = {"ready_after_s": 0, "late_pct": 5, "late_s": LATE_S, "log_lines": ["WARNING report took 70 s"]}
IDLE_TIMEOUT = "idle_timeout.timeout_seconds"


def _waits_longer(stage: Stage) -> bool:
    balancer = stage.portfolio["LoadBalancerArn"]
    found = stage.client("elbv2").describe_load_balancer_attributes(LoadBalancerArn=balancer)["Attributes"]
    return bool(int(next(a["Value"] for a in found if a["Key"] == IDLE_TIMEOUT)) > LATE_S)


STORIES = (
    Story(
        name="answers-after-idle-timeout",
        begin=falls_ill(**ANSWERS_LATE),
        acts=(ASKED_AND_APPROVED,),
        shown={"the load balancer waits longer than the answers take": _waits_longer},
        needs=("elasticloadbalancing:ModifyLoadBalancerAttributes",),
    ),
)
