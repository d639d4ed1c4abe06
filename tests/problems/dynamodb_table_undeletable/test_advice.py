import pytest

from remediator.core.plan import Advise, Watch
from remediator.problems.dynamodb_table_undeletable.model import GONE
from remediator.problems.dynamodb_table_undeletable.runbook import RUNBOOK
from remediator.resources.cloudformation import Stack

from .samples import BUILT, INDEXES, NO_DETAIL, PROTECTED, SOURCE_REGION, UPDATING, evidence, table
from .setting import decision_on, diagnosis


def test_nothing_in_this_runbook_ever_writes():
    assert RUNBOOK.writes() == ()


@pytest.mark.parametrize("said", [UPDATING, SOURCE_REGION, INDEXES, PROTECTED, NO_DETAIL])
def test_no_command_deletes_anything(said):
    commands = getattr(decision_on(evidence(said)), "commands", ())
    looked = [c for cause in RUNBOOK.causes for c in cause.look]
    assert not any("delete" in c.replace("deletion", "") for c in (*commands, *looked))


def test_a_person_gets_the_command_that_unprotects_and_is_asked_to_ask_the_owner():
    found = decision_on(evidence(PROTECTED, table=table(protected=True)))
    assert found.commands == (
        "aws dynamodb update-table --table-name portfolio-users --no-deletion-protection-enabled",
    )
    assert "owner" in found.why.en


def test_a_stack_that_owns_the_table_is_named():
    found = decision_on(evidence(PROTECTED, table=table(protected=True), stack=Stack(name="portfolio")))
    assert "portfolio" in found.why.en
    assert "portfolio" in found.why.ja


def test_protection_that_is_off_by_now_needs_no_command():
    assert decision_on(evidence(PROTECTED)).commands[0].startswith("aws dynamodb describe-table")


def test_an_index_is_watched_until_it_is_active():
    assert isinstance(decision_on(evidence(INDEXES, table=table(indexes=(BUILT,)))), Watch)
    assert isinstance(decision_on(evidence(INDEXES)), Advise)


def test_its_progress_is_told():
    e = evidence(INDEXES, table=table(indexes=(BUILT,)), index_progress_pct={"by-city": 41.7})
    assert "CREATING, backfilling, 42 %" in [f.value for f in diagnosis(e).held[0].facts]


@pytest.mark.parametrize("said", [UPDATING, SOURCE_REGION, INDEXES, PROTECTED])
@pytest.mark.parametrize("status", [GONE, "DELETING"])
def test_a_table_that_is_gone_or_goes_needs_nothing_any_more(said, status):
    found = decision_on(evidence(said, table=table(status=status)))
    assert isinstance(found, Advise)
    assert found.commands == ()
    assert "nothing is left" in found.why.en


def test_a_backup_that_exists_need_not_be_removed_and_that_is_said():
    assert "need not be removed" in decision_on(evidence(SOURCE_REGION)).why.en
