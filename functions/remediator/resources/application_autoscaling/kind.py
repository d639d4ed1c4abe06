"""A scalable target: the bounds within which Application Auto Scaling sets a count or a capacity."""

from ...core.text import Text
from ..kind import ArnForm, ResourceKind, WriteCondition

SCALABLE_TARGET = ResourceKind(
    name="scalable_target",
    title=Text("scalable target", "スケーラブルターゲット"),
    arn=ArnForm(service="application-autoscaling", path=r"scalable-target/\w{1,128}"),
    write_condition=WriteCondition(
        exact_arn={
            "application-autoscaling:RegisterScalableTarget": "a scalable target has tags of its own, not its service's"
        },
        destroying=("Delete*", "Deregister*"),
    ),
)
KINDS = (SCALABLE_TARGET,)
