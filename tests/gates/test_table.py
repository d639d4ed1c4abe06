"""`GATES` is the one place of the gates' order: whatever tells of gates is made from it."""

import re
from pathlib import Path

import pytest

from ops.guide.gates import PAGES, gates_table, with_gates
from remediator import gates
from remediator.core.settings import Settings
from remediator.gates import GATES, gate_named, title_of
from remediator.gates.answers import Ask
from remediator.gates.gate import EVERY_CHANGE, GateFacts
from remediator.remediation.check_gates import judged
from tests.samples import NOW, plan

ROOT = Path(__file__).parents[2]
FOLDER = Path(gates.__file__).parent


def facts(change="fix", **values):
    return GateFacts(change=change, plan=plan(), now=NOW, settings=Settings(**values))


def test_the_order_is_the_one_of_the_architecture():
    assert [gate.name for gate in GATES] == [
        "opt_in",
        "kill_switch",
        "change_freeze",
        "loop_breaker",
        "change_limits",
        "wider_outage",
        "automation_in_progress",
        "person_at_work",
        "plan",
    ]


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_a_gate_has_the_name_of_its_file_and_says_in_both_languages_what_it_checks(gate):
    assert (FOLDER / f"{gate.name}.py").exists()
    assert gate_named(gate.name) is gate
    for text in (gate.title, *(t for c in gate.checks for t in (c.title, c.permits))):
        assert text.en
        assert re.search(r"[ぁ-んァ-ヶ一-龠`]", text.ja)
    assert all(check.read_from for check in gate.checks)


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_a_gate_that_could_read_nothing_never_permits(gate):
    answers = judged(gate, facts(freeze_calendars=("year-end",)))
    assert answers
    assert {answer.gate for answer in answers} == {gate.name}
    refuses = gate.name == "kill_switch"  # it fails closed; every other asks a person
    assert all(isinstance(answer, Ask) != refuses for answer in answers)


def test_every_part_has_a_title_and_what_is_no_gate_has_none():
    assert title_of("change_limits", "cooldown").en == "cooldown"
    assert title_of("change_limits").en == "change limits"
    assert title_of("no_such_gate").en == ""


def test_tag_and_switch_are_asked_of_every_change_and_a_recovery_by_hand_is_spared_three():
    assert [gate.name for gate in GATES if gate.asked_of == EVERY_CHANGE] == ["opt_in", "kill_switch"]
    spared = [gate.name for gate in GATES if "recovery" not in gate.asked_of]
    assert spared == ["loop_breaker", "wider_outage", "person_at_work"]
    (said,) = re.findall(
        r"A person who recovers by hand is not asked ([^.]*)\.", (ROOT / PAGES["en"]).read_text("utf-8")
    )
    assert re.findall(r"`(\w+)`", said) == spared


def test_what_a_loop_breaker_or_a_wider_outage_refuses_is_told_on_the_high_topic():
    assert [gate.name for gate in GATES if gate.escalates] == ["loop_breaker", "wider_outage"]


@pytest.mark.parametrize("language", PAGES)
def test_the_table_of_the_operators_page_is_made_from_the_gates(language):
    text = (ROOT / PAGES[language]).read_text("utf-8")
    assert with_gates(text, language) == text, "stale: run `make guide`"
    rows = re.findall(r"^\| `(\w+)` \|", gates_table(language), re.MULTILINE)
    assert list(dict.fromkeys(rows)) == [gate.name for gate in GATES]
