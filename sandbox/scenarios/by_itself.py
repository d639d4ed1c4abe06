"""Stories about trouble that ends by itself right before a change."""

from remediator.core.text import Text

from ..acts import approve, recovers
from ..laptop import Act
from . import Ending, Scenario
from .ecs_task_restarting import OUT_OF_MEMORY, TO_BE_ASKED

SCENARIOS = (
    Scenario(
        name="over-before-approval",
        title=Text("It is over before somebody approves", "承認の前に復旧する"),
        shows=Text(
            "an approval is no licence: what is read right before the change gives no plan any more",
            "承認後も直前に読み直し、計画が成り立たなければ実施しない",
        ),
        begin=TO_BE_ASKED,
        acts=(Act(after_question_s=120, do=recovers), Act(after_question_s=1500, do=approve)),
        expected=Ending(
            cause=OUT_OF_MEMORY, action="held back", verdict="recovered_without_us", refusal="plan", fixes=0
        ),
    ),
)
