import json
from datetime import timedelta

import pytest
from aws_durable_execution_sdk_python import durable_execution
from aws_durable_execution_sdk_python.config import CallbackConfig, Duration
from aws_durable_execution_sdk_python_testing import runner as durable_runner

from sandbox.clock import START, VirtualClock, installed
from sandbox.lambda_.durable import DurableFunction

PAYLOAD = json.dumps({"incident": "one"})


@durable_execution
def waits_five_minutes(event, context):
    before = context.step(lambda _: SEEN[0].now().isoformat(), name="before")
    context.wait(Duration.from_minutes(5), name="settle")
    return [before, context.step(lambda _: SEEN[0].now().isoformat(), name="after")]


@durable_execution
def asks(event, context):
    callback = context.create_callback(name="ask", config=CallbackConfig(timeout=Duration.from_minutes(30)))
    ASKED.append(callback.callback_id)
    return callback.result()


SEEN: list[VirtualClock] = []
ASKED: list[str] = []


@pytest.fixture
def clock():
    SEEN[:] = [VirtualClock()]
    ASKED.clear()
    return SEEN[0]


def _start(function, name="one"):
    function.invoke({"InvocationType": "Event", "DurableExecutionName": name, "Payload": PAYLOAD})
    function.work()


def test_time_stands_still_while_work_runs_and_passes_in_waits(clock):
    with DurableFunction(waits_five_minutes, clock) as function:
        _start(function)
        assert function.running()
        assert function.next_due() == START + timedelta(minutes=5)

        clock.move_to(function.next_due())
        function.work()

        assert not function.running()
        before, after = json.loads(function.result("one").result)
        assert (before, after) == (START.isoformat(), (START + timedelta(minutes=5)).isoformat())


def test_the_world_can_act_before_a_wait_is_over(clock):
    with DurableFunction(waits_five_minutes, clock) as function:
        _start(function)
        clock.move_to(START + timedelta(minutes=4))
        function.work()
        assert function.running()


def test_a_callback_times_out_in_virtual_time(clock):
    with DurableFunction(asks, clock) as function:
        _start(function)
        due = [function.next_due()]
        while function.running():
            clock.move_to(function.next_due())
            function.work()
            due.append(clock.now())
        assert START + timedelta(minutes=30) in due
        assert function.result("one").status.name == "FAILED"


def test_an_answer_reaches_whoever_waits(clock):
    with DurableFunction(asks, clock) as function:
        _start(function)
        function.callback_success({"CallbackId": ASKED[0], "Result": b'"yes"'})
        function.work()
        assert json.loads(function.result("one").result) == '"yes"'


def test_the_same_name_and_payload_start_once(clock):
    with DurableFunction(asks, clock) as function:
        _start(function)
        _start(function)
        assert len(set(ASKED)) == 1
        assert function.names == ("one",)


def test_the_testing_package_is_left_as_it_was(clock):
    names = ("SkipClock", "Scheduler")
    kept = [getattr(durable_runner, n) for n in names]
    with installed(clock):
        assert [getattr(durable_runner, n) for n in names] != kept
    assert [getattr(durable_runner, n) for n in names] == kept
