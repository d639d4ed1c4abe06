"""What every runbook must keep. A new one is covered the day it is written."""

import inspect
from pathlib import Path
from sys import modules

import pytest

from remediator.core.evidence import declared, levels
from remediator.problems import load_all
from remediator.recovery.runbook import BOUND
from tests.contracts.source import called_by_planner, called_by_reader
from tests.fakes import operation

RUNBOOKS = load_all()
READERS = sorted(
    {
        d.reader
        for classes in (*((r.evidence, r.outcome) for r in RUNBOOKS), *((b.outcome,) for b in BOUND))
        for cls in classes
        for d in declared(cls)
    },
    key=lambda r: r.name,
)
PLANNERS = sorted({f for r in RUNBOOKS for c in r.causes for f in c.fixes}, key=lambda f: f.name)
READ_VERBS = ("Describe", "Get", "List", "Lookup", "Query", "Scan", "Filter", "Start")  # StartQuery reads logs
CREATES_NOTHING_THAT_STAYS = ("cloudfront:CreateInvalidation",)  # it drops cached copies
WRITES_NO_RUNBOOK_MAY_DECLARE = ("Delete", "Terminate", "Detach", "Create", "Attach", "PutRole", "PutUser", "AddTags")


@pytest.mark.parametrize("reader", READERS, ids=lambda r: r.name)
def test_a_reader_declares_exactly_what_it_calls(reader):
    called = {action for action, _ in called_by_reader(reader.run)}
    assert called == {p.action for p in reader.permissions if p.called}


@pytest.mark.parametrize("reader", READERS, ids=lambda r: r.name)
def test_a_reader_spells_every_parameter_as_aws_does(reader):
    for action, parameters in called_by_reader(reader.run):
        known = set(operation(action).input_shape.members)
        assert parameters <= known, f"{reader.name}: {action} has no {parameters - known}"


@pytest.mark.parametrize("reader", READERS, ids=lambda r: r.name)
def test_a_reader_only_reads(reader):
    for permission in reader.permissions:
        assert permission.action.split(":")[1].startswith(READ_VERBS), permission


@pytest.mark.parametrize("planner", PLANNERS, ids=lambda f: f.name)
def test_a_planner_declares_exactly_what_its_plans_call(planner):
    assert called_by_planner(planner.run) == {p.action for p in planner.permissions if p.called}


@pytest.mark.parametrize("planner", PLANNERS, ids=lambda f: f.name)
def test_a_planner_names_the_resources_it_writes_to_and_deletes_nothing(planner):
    for permission in planner.permissions:
        assert permission.on != "*", permission
        if permission.action in CREATES_NOTHING_THAT_STAYS:
            continue
        assert not permission.action.split(":")[1].startswith(WRITES_NO_RUNBOOK_MAY_DECLARE), permission


@pytest.mark.parametrize("runbook", RUNBOOKS, ids=lambda r: r.id)
def test_a_runbook_reads_in_levels_that_end(runbook):
    assert levels(runbook.evidence)
    assert levels(runbook.outcome)


@pytest.mark.parametrize("runbook", RUNBOOKS, ids=lambda r: r.id)
def test_a_runbook_says_what_it_is_what_it_may_change_and_what_never(runbook):
    doc = inspect.getdoc(modules[f"remediator.problems.{runbook.id}"]) or ""
    for heading in ("Guide:", "May change:", "Never:"):
        assert heading in doc


@pytest.mark.parametrize("runbook", RUNBOOKS, ids=lambda r: r.id)
def test_a_runbook_speaks_english_and_japanese(runbook):
    fixes = [f.does for c in runbook.causes for f in c.fixes]
    texts = [runbook.title, runbook.symptom, *fixes, *(t for c in runbook.causes for t in (c.title, c.advice))]
    for text in texts:
        assert text.en.strip()
        assert any(ord(sign) > 0x3000 for sign in text.ja), f"no Japanese: {text}"


@pytest.mark.parametrize("runbook", RUNBOOKS, ids=lambda r: r.id)
def test_a_runbook_has_unique_causes_and_a_test_for_each(runbook):
    ids = [c.id for c in runbook.causes]
    assert len(ids) == len(set(ids))
    folder = Path(__file__).parents[1] / "problems" / runbook.id
    tested = "".join(path.read_text() for path in sorted(folder.glob("*.py")))
    for id in ids:
        assert f'"{runbook.id}.{id}"' in tested or f'"{id}"' in tested, f"no test names {id}"


@pytest.mark.parametrize("runbook", RUNBOOKS, ids=lambda r: r.id)
def test_a_runbook_with_a_fix_can_say_what_the_fix_would_replace(runbook):
    if runbook.writes():
        assert callable(runbook.current_values)
        assert any(d.recheck for d in declared(runbook.evidence)), "nothing is read again before a write"
