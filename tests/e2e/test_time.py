"""The world's time: it stands still, passes as far as it is let, and says what holds it up."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from .emulator_process import Emulator
from .process_group import EmulatorError
from .test_platform import allowing, asked, probe_on, queue, received, role, start, trusting, until

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def world(installed):
    with Emulator(python=installed) as running:
        yield running


def test_time_stands_still_until_it_is_let_pass_and_then_passes_exactly(world):
    began = world.now()
    assert world.now() == began
    world.let_pass(90)
    assert world.now() == began + timedelta(seconds=90)


def test_an_invocation_takes_none_of_the_worlds_time(world):
    start(probe_on(world), "busy", busy_s=1)
    began = world.now()
    world.let_pass()
    assert world.now() == began
    assert asked(until(world, "busy", asked))


def test_what_does_not_end_is_named(installed):
    with Emulator(python=installed, environment={"WORLD_STUCK_S": "0.5"}) as running:
        start(probe_on(running), "stuck", busy_s=30)
        with pytest.raises(EmulatorError, match=r"StuckError: the world stands at .*; running: probe"):
            running.let_pass()


def test_a_message_that_failed_is_hidden_in_the_worlds_time(world):
    url, _ = queue(world, "slow")
    sqs = world.client("sqs")
    sqs.send_message(QueueUrl=url, MessageBody="1")
    assert received(world, url) == [1]
    world.let_pass(10)
    assert received(world, url) == []
    world.world(do="hurry_queue", queue="slow", visibility_s=1)
    world.let_pass(1)
    assert received(world, url) == [1]


@pytest.mark.parametrize(("may", "arrives"), [("sqs:SendMessage", 3), ("sqs:ReceiveMessage", 0)])
def test_a_schedule_sends_in_the_worlds_time_what_its_role_may_send(world, may, arrives):
    url, arn = queue(world, f"scheduled-{arrives}")
    allowed = allowing({"Action": may, "Resource": arn})
    sender = role(world, f"sends-{arrives}", allowed, trusting(Service="scheduler.amazonaws.com"))
    target = {"Arn": arn, "RoleArn": sender, "Input": '{"time": "<aws.scheduler.scheduled-time>"}'}
    world.client("scheduler").create_schedule(
        Name=f"every-{arrives}",
        ScheduleExpression="rate(2 minutes)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=target,
    )
    world.let_pass(390)
    times = []
    while told := received(world, url):
        times += [datetime.fromisoformat(t["time"]) for t in told]
    assert [b - a for a, b in pairwise(times)] == [timedelta(minutes=2)] * max(0, arrives - 1)
    assert len(times) == arrives
