"""Real events through the front door: the derived rules' own patterns, the queue, intake, the ledger."""

import json
import re

import pytest

from sandbox import names
from sandbox.laptop import Laptop
from tests.corpus import event, files

STARTS_NOTHING = files("ignore")
OF_THIS_RUNBOOK = [f for f in files("ecs_task_restarting.") if "detail-type" in event(f)]  # as a bus delivers them


@pytest.fixture
def laptop():
    with Laptop() as opened:
        opened.world.run_service()
        yield opened


def ours(file):
    """The event as our own account would get it; every other byte as it was published."""
    text = json.dumps(event(file))
    accounts = set(re.findall(r"(?<=:)\d{12}(?=:)", text)) | {str(event(file).get("account", names.ACCOUNT))}
    for account in accounts:
        text = text.replace(account, names.ACCOUNT)
    return json.loads(text)


@pytest.mark.parametrize("file", STARTS_NOTHING)
def test_an_event_that_is_no_incident_starts_nothing(laptop, file):
    laptop.deliver([ours(file)])
    assert laptop.records() == []
    assert laptop.durable.names == ()
    assert laptop.dead_letters == []


@pytest.mark.parametrize("file", OF_THIS_RUNBOOK)
def test_an_event_of_the_runbook_opens_one_incident_however_often_it_comes(laptop, file):
    laptop.deliver([ours(file)] * 3)
    laptop.deliver([ours(file)])
    opened = laptop.records()
    assert [r["runbook"] for r in opened] == ["ecs_task_restarting"]
    assert laptop.durable.names == (opened[0]["pk"].removeprefix("incident#"),)


@pytest.mark.parametrize("file", files("dynamodb_table_undeletable."))
def test_a_refused_deletion_opens_one_incident_however_often_it_comes(laptop, file):
    laptop.deliver([ours(file)] * 3)
    laptop.deliver([ours(file)])
    assert [r["runbook"] for r in laptop.records()] == ["dynamodb_table_undeletable"]


def test_there_are_real_events_of_both_kinds():
    assert len(STARTS_NOTHING) > 20
    assert len(OF_THIS_RUNBOOK) >= 4
