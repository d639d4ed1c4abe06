"""Stories about trouble that ends by itself right before a change."""

from remediator.core.text import Text

from .. import applications as programs
from ..laptop import Act, Laptop
from ..world import World
from . import Ending, Scenario
from .ecs_task_restarting import APPROVE, OUT_OF_MEMORY


def _leaks(world: World) -> None:
    """A service whose owner wants to be asked; its program fills its memory without a deployment."""
    world.run_service(tags=APPROVE)
    world.fall_ill(programs.LEAKS)


def _calms_down(laptop: Laptop) -> None:
    laptop.world.recover()


def _approve(laptop: Laptop) -> None:
    told = laptop.answer("approve")
    assert told["accepted"], told


SCENARIOS = (
    Scenario(
        name="over-before-approval",
        title=Text("It is over before somebody approves", "承認の前に復旧する"),
        shows=Text(
            "an approval is no licence: what is read right before the change gives no plan any more",
            "承認後も直前に読み直し、計画が成り立たなければ実施しない",
        ),
        begin=_leaks,
        acts=(Act(after_question_s=120, do=_calms_down), Act(after_question_s=1500, do=_approve)),
        expected=Ending(
            cause=OUT_OF_MEMORY, action="held back", verdict="recovered_without_us", refusal="unchanged", fixes=0
        ),
    ),
)
