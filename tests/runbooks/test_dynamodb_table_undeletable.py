from dataclasses import replace

import pytest

from remediator.core.evidence import Reading
from remediator.core.model import Advise, Resource, Verdict, Watch
from remediator.core.runbook import Setting, VerificationContext
from remediator.core.serialization import from_json, to_json
from remediator.core.settings import Settings
from remediator.core.timestamps import after
from remediator.incidents.assessment import assess
from remediator.incidents.diagnosis import NOTHING_HOLDS, decide, diagnose
from remediator.problems.dynamodb_table_undeletable import RUNBOOK
from remediator.problems.dynamodb_table_undeletable.evidence import Evidence
from remediator.problems.dynamodb_table_undeletable.model import GONE, Copies, Transfers
from remediator.resources.cloudformation import Stack
from tests.runbooks.evidence_of_deletions import (
    AWAY,
    BUILT,
    CREATING,
    INDEXES,
    NO_DETAIL,
    PROTECTED,
    SOURCE_REGION,
    TAGS,
    UPDATING,
    evidence,
    outcome,
    table,
)
from tests.runbooks.evidence_of_restarts import gap
from tests.runbooks.evidence_of_throttling import TABLE_ARN
from tests.samples import NOW, incident

SETTING = Setting(now=NOW, settings=Settings(), opened_at=NOW)
ROWS = ("in_use", "backup_enabled", "index_creating", "deletion_protected")


def diagnosis(e):
    return diagnose(RUNBOOK, e, SETTING)


def row_of(e):
    return (diagnosis(e).cause or "none.none").split(".")[1]


def decision_on(e):
    return decide(RUNBOOK, diagnosis(e), e, SETTING)


def held(e):
    return [h.cause.split(".")[1] for h in diagnosis(e).held]


# -- which row ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "row"),
    [
        (UPDATING, "in_use"),
        (TAGS, "in_use"),
        (CREATING, "in_use"),
        (INDEXES, "index_creating"),
        (PROTECTED, "deletion_protected"),
        (SOURCE_REGION, "backup_enabled"),
    ],
)
def test_what_dynamodb_said_names_the_row_even_where_the_table_shows_nothing_any_more(said, row):
    assert row_of(evidence(said)) == row


@pytest.mark.parametrize(
    ("seen", "row"),
    [
        ({"table": table(status="UPDATING")}, "in_use"),
        ({"table": table(indexes=(BUILT,))}, "index_creating"),
        ({"table": table(protected=True)}, "deletion_protected"),
        ({"table": table(status="CREATING", restoring=True)}, "backup_enabled"),
        ({"table": table(status="UPDATING", replicas=(replace(AWAY, status="DELETING"),))}, "backup_enabled"),
        ({"copies": Copies(under_way=("nightly",))}, "backup_enabled"),
        ({"transfers": Transfers(exports=("01-a",))}, "backup_enabled"),
        ({}, "in_use"),
    ],
)
def test_where_dynamodb_names_nothing_what_the_table_is_like_decides(seen, row):
    assert row_of(evidence(NO_DETAIL, **seen)) == row


@pytest.mark.parametrize("row", ROWS)
def test_a_look_alike_does_not_win_over_what_dynamodb_named(row):
    alike = {
        "in_use": ({"table": table(status="UPDATING", protected=True)}, PROTECTED),
        "backup_enabled": ({"copies": Copies(recovery="ENABLED", backups=9, under_way=("nightly",))}, UPDATING),
        "index_creating": ({"table": table(indexes=(BUILT,), protected=True)}, PROTECTED),
        "deletion_protected": ({"table": table(protected=True)}, TAGS),
    }
    seen, said = alike[row]
    assert row_of(evidence(said, **seen)) != row


def test_finished_backups_and_point_in_time_recovery_are_never_blamed():
    e = evidence(NO_DETAIL, copies=Copies(recovery="ENABLED", backups=12), table=table(replicas=(AWAY,)))
    assert held(e) == ["in_use"]


def test_a_restore_is_named_although_dynamodb_only_says_that_the_table_is_being_created():
    assert row_of(evidence(CREATING, table=table(status="CREATING", restoring=True))) == "backup_enabled"


def test_an_index_whose_capacity_changes_is_a_table_that_changes():
    changing = replace(BUILT, status="UPDATING", backfilling=False)
    assert held(evidence(UPDATING, table=table(status="UPDATING", indexes=(changing,)))) == ["in_use"]


def test_what_else_would_hold_the_table_is_told_behind_the_cause():
    assert held(evidence(INDEXES, table=table(indexes=(BUILT,), protected=True))) == [
        "index_creating",
        "deletion_protected",
    ]


@pytest.mark.parametrize("field", ["table", "copies", "transfers"])
def test_in_use_without_detail_is_not_concluded_from_what_could_not_be_read(field):
    assert "in_use" in [u.cause.split(".")[1] for u in diagnosis(evidence(NO_DETAIL, **{field: gap()})).unchecked]


def test_dynamodbs_own_words_suffice_where_nothing_could_be_read():
    e = Evidence(refused=evidence(PROTECTED).refused)
    assert row_of(e) == "deletion_protected"
    assert isinstance(decision_on(e), Advise)


def test_nothing_is_known_where_neither_words_nor_table_could_be_read():
    assert diagnosis(Evidence()).held == ()
    assert decision_on(Evidence()).why == NOTHING_HOLDS


def test_users_callers_and_changes_stand_beside_a_table_in_use():
    e = evidence(UPDATING)
    text = " ".join(f"{f.label.en}: {f.value}" for f in (*diagnosis(e).held[0].facts, *RUNBOOK.situation(e)))
    for word in (
        "portfolio-api-service",
        "8.0 / 7.5",
        "deploy/GitHubActions (pipeline)",
        "UpdateTable (deploy",
        "02:45",
    ):
        assert word in text


def test_missing_history_or_metrics_change_no_row():
    assert row_of(evidence(UPDATING, history=gap(), use=gap(), declared_users=gap(), stack=gap())) == "in_use"


# -- what is done: nothing ---------------------------------------------------------------------------------------------


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


# -- whether it is over ------------------------------------------------------------------------------------------------


def judged(now, before, seconds=60):
    context = VerificationContext(before=before, change=None, now=after(NOW, seconds), since=NOW)
    return RUNBOOK.judge(now, context)


@pytest.mark.parametrize("status", [GONE, "DELETING"])
def test_a_table_that_was_deleted_is_the_end(status):
    assert judged(outcome(status=status), evidence(PROTECTED)).verdict is Verdict.RECOVERED_WITHOUT_US


@pytest.mark.parametrize(
    ("said", "before"),
    [
        (INDEXES, {"indexes": (BUILT,)}),
        (UPDATING, {"status": "UPDATING"}),
        (PROTECTED, {"protected": True}),
        (NO_DETAIL, {"replicas": (replace(AWAY, status="CREATING"),)}),
        (PROTECTED, {}),
    ],
)
def test_deletion_is_possible_once_what_held_the_table_is_seen_to_hold_it_no_more(said, before):
    read = judged(outcome(), evidence(said, table=table(**before)))
    assert read.verdict is Verdict.RECOVERED_WITHOUT_US
    assert "can be deleted now" in read.facts[0].label.en


@pytest.mark.parametrize(
    "still",
    [
        {"protected": True},
        {"status": "UPDATING"},
        {"indexes": (BUILT,)},
        {"restoring": True, "status": "CREATING"},
        {"replicas": (replace(AWAY, status="UPDATING"),)},
    ],
)
def test_what_still_holds_it_is_named_and_persists(still):
    read = judged(outcome(**still), evidence(UPDATING, table=table(**still)), 3600)
    assert read.verdict is None
    assert read.persists
    assert "held by" in read.facts[1].label.en
    assert read.facts[1].value


@pytest.mark.parametrize("said", [TAGS, SOURCE_REGION, NO_DETAIL])
def test_what_cannot_be_seen_to_end_is_not_called_over(said):
    before = evidence(said)
    assert judged(outcome(), before, 60).verdict is None
    assert "can be deleted" not in judged(outcome(), before, 600).facts[0].label.en
    assert judged(outcome(), before, 600).verdict is Verdict.CANNOT_TELL


# -- report, opt-in, replay --------------------------------------------------------------------------------------------


def test_the_situation_says_who_wanted_it_deleted_and_what_would_be_lost():
    values = {f.label.en: f.value for f in RUNBOOK.situation(evidence(PROTECTED))}
    assert values["DeleteTable was called by"] == "ops/alice (person), 1x"
    assert values["items (counted every six hours)"] == "120000, 50.0 MiB"
    assert values["point-in-time recovery, backups"] == "DISABLED, 0"


def test_the_situation_stands_without_any_reading():
    assert RUNBOOK.situation(Evidence()) == ()


def test_the_tables_tag_is_its_opt_in():
    assert RUNBOOK.opt_in_tag(evidence()) == "auto"
    assert RUNBOOK.opt_in_tag(evidence(tags={})) is None


def test_the_same_evidence_stored_and_read_again_gives_the_same_case():
    e = evidence(INDEXES, table=table(indexes=(BUILT,), replicas=(AWAY,)), index_progress_pct={"by-city": 5.0})
    stored = from_json(Evidence, to_json(e))
    of = incident(runbook=RUNBOOK.id, resource=Resource("table", TABLE_ARN))
    assert assess(RUNBOOK, of, stored, NOW, Settings()) == assess(RUNBOOK, of, e, NOW, Settings())


@pytest.mark.parametrize("row", ROWS)
def test_each_row_says_how_a_person_confirms_it(row):
    cause = RUNBOOK.cause(row)
    assert cause.confirm.en
    assert cause.confirm.ja
    assert all(c.startswith("aws ") for c in cause.look)


def test_a_reading_without_value_is_a_gap():
    assert row_of(replace(evidence(NO_DETAIL), refused=Reading(gap="not read"))) == "none"
