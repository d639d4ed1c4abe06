"""Stories about the guide's four clocks: who hears of it when nobody does anything."""

from dataclasses import replace

from remediator.core.text import Text

from ..laptop import Act, Laptop
from . import Ending, Scenario
from .ecs_task_restarting import OUT_OF_MEMORY, TO_BE_ASKED

UNANSWERED = Ending(cause=OUT_OF_MEMORY, action="held back", verdict="not_fixed", refusal="expired")


def _takes_over(laptop: Laptop) -> None:
    found = laptop.answer("ack", reference=laptop.question().rsplit("-", 1)[0])
    assert found["accepted"], found


SCENARIOS = (
    Scenario(
        name="nobody-answers",
        title=Text("A question that nobody answers", "承認依頼に誰も答えない"),
        shows=Text(
            "after a quarter of an hour the high topic hears of it, and again after an hour",
            "15 分後と 1 時間後に、高重要度のトピックへエスカレーションする",
        ),
        begin=TO_BE_ASKED,
        expected=replace(UNANSWERED, escalations=2),
    ),
    Scenario(
        name="taken-over",
        title=Text("A person takes the incident over", "担当者が対応を引き受ける"),
        shows=Text(
            "whoever has it is named, and nothing escalates any more", "担当者を記録し、以後エスカレーションしない"
        ),
        begin=TO_BE_ASKED,
        acts=(Act(after_question_s=300, do=_takes_over),),
        expected=replace(UNANSWERED, escalations=0),
    ),
)
