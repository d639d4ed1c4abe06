"""A write whose answer is lost: looked at again, never repeated."""

import pytest

from sandbox import applications as programs
from sandbox.laptop import Laptop
from sandbox.outcome import ended
from sandbox.wire import AwsError


@pytest.fixture
def laptop():
    with Laptop() as opened:
        yield opened


def lose_answer(laptop, *, made):
    real = laptop.world.fakes[("ecs", "UpdateService")]

    def lost(asked):
        if made:
            real(asked)
        raise AwsError("ServerException", "internal error", 500)

    laptop.world.fake("ecs", {"UpdateService": lost})


def slow_start(laptop):
    laptop.world.run_service()
    laptop.world.fall_ill(programs.STARTS_SLOWLY)
    laptop.run()


def words(laptop):
    return " ".join(" ".join(r.mail.split()) for r in laptop.reports if r.level != "pager")


def sent(laptop):
    return [w.action for w in laptop.world.writes].count("ecs:UpdateService")


def test_a_write_that_was_made_all_the_same_is_found_and_proved(laptop):
    lose_answer(laptop, made=True)
    slow_start(laptop)
    assert sent(laptop) == 1
    assert ended(laptop).action == "lengthen_grace"
    assert ended(laptop).verdict == "fixed"
    assert "a second look found it made" in words(laptop)


def test_a_write_that_was_not_made_is_told_and_not_repeated(laptop):
    lose_answer(laptop, made=False)
    slow_start(laptop)
    assert sent(laptop) == 1
    assert ended(laptop).verdict == "not_fixed"
    assert "was not made" in words(laptop)
    assert laptop.records()[0]["change_state"] == "not_applied"
