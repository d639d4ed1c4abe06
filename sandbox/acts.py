"""What people do, and what the world does by itself, in more than one story."""

from .dynamodb.demand import Demand
from .laptop import Act, Laptop


def approve(laptop: Laptop) -> None:
    """Somebody approves the open question."""
    found = laptop.answer("approve")
    assert found["accepted"], found


def refuse(laptop: Laptop) -> None:
    """Somebody refuses the open question."""
    found = laptop.answer("refuse")
    assert found["accepted"], found


def recovers(laptop: Laptop) -> None:
    """The program that had fallen ill is well again, by itself."""
    laptop.world.recover()


def table_calms(laptop: Laptop) -> None:
    """No more is asked of the table than usual."""
    laptop.world.around.table.ask(Demand())


APPROVED = (Act(after_question_s=120, do=approve),)
