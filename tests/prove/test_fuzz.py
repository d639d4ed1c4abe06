"""The fuzz in its short form, and that it would notice."""

import json

import pytest

from remediator.handlers import intake
from remediator.reports.channels.sns import Message
from sandbox.laptop import Laptop
from tests.corpus import event, files
from tests.prove import fuzz, mutations
from tests.prove.hostile_queue import HostileQueue
from tests.prove.mutations import bodies
from tests.prove.running import prove
from tests.prove.shown import faults


def test_neither_damaged_events_nor_hostile_texts_break_leak_or_change_anything():
    ((outcome, _),) = prove(("fuzz",), bounded=True, jobs=1)
    assert outcome.violations == ()
    assert outcome.runs == fuzz.BOUNDED_EVENTS + fuzz.BOUNDED_WHOLE + fuzz.BOUNDED_TEXTS
    assert int(outcome.figures["events incidents"]) > 20, "hardly any event got as far as the ledger"
    assert int(outcome.figures["events sent back"]) > 20


def test_the_same_seed_damages_the_same_way():
    real = ({"a": [1, {"b": "arn:aws:ecs:ap-northeast-1:123456789012:service/c/s"}], "source": "x"},)
    assert list(bodies(real, 4, 50)) == list(bodies(real, 4, 50))


def message(**forms):
    chat = {"content": {"description": forms.get("chat", "")}}
    text = json.dumps({"default": forms.get("mail", ""), "https": json.dumps(chat)})
    return Message(topic="high", subject=forms.get("subject", "s"), message=text, structured=True)


@pytest.mark.parametrize(
    "forms",
    [
        {"chat": "<!channel> look"},
        {"chat": "a & b"},
        {"chat": "see @here"},
        {"chat": "see https://evil.example"},
        {"chat": "[x](y)"},
        {"chat": "`open"},
        {"chat": "`<!here>`"},
        {"chat": "x" * 3_001},
        {"chat": "a\u202eb"},
        {"mail": "\x1b[31mred"},
        {"mail": "password=hunter2"},
        {"subject": "x" * 100},
        {"subject": "日本"},
    ],
)
def test_what_must_not_be_shown_is_noticed(forms):
    assert list(faults([message(**forms)], ["hunter2"]))


def test_what_is_shown_as_it_should_be_is_not():
    shown = message(chat="*BROKE*  `a_b &lt;c&gt;` see @\u200bhere, https:\u200b//x", mail="BROKE  a <b> & c")
    assert list(faults([shown], ["hunter2"])) == []


@pytest.fixture
def stopped():
    """A body of a task that stopped, of our account."""
    ours = tuple(mutations._ours(event(name)) for name in files())
    return next(b for b in bodies(ours, 1_000, 1_000) if fuzz._opens(b))


@pytest.fixture
def queue(stopped):  # the events come first: their stories are played in a sandbox of their own
    with Laptop() as laptop:
        laptop.world.run_service()
        yield HostileQueue(laptop, starts=False)


def test_a_handler_that_forgets_an_event_is_noticed(queue, stopped, monkeypatch):
    monkeypatch.setattr(intake, "_told", lambda parsed: {})
    assert any(fault.startswith("lost") for fault in queue.send([stopped]))


def test_a_handler_that_breaks_is_noticed(queue, stopped, monkeypatch):
    def broken(_):
        raise KeyError("detail")

    monkeypatch.setattr(intake, "_told", broken)
    assert any("undeclared KeyError" in fault for fault in queue.send([stopped, "{"]))


def test_a_handler_that_changes_something_is_noticed(queue, stopped, monkeypatch):
    def meddling(_):
        intake.current().clients("ecs").update_service(service="s", cluster="portfolio-cluster", desiredCount=0)

    monkeypatch.setattr(intake, "_told", meddling)
    assert any("ecs:UpdateService" in fault for fault in queue.send([stopped, "{"]))
