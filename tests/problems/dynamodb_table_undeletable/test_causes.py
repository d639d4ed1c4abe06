from dataclasses import replace

import pytest

from remediator.core.plan import Advise
from remediator.incidents.diagnosis import NOTHING_HOLDS
from remediator.problems.dynamodb_table_undeletable.evidence import Evidence
from remediator.problems.dynamodb_table_undeletable.model import Copies, Transfers
from remediator.problems.dynamodb_table_undeletable.runbook import RUNBOOK

from ..ecs_task_restarting.samples import gap
from .samples import (
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
    table,
)
from .setting import ROWS, decision_on, diagnosis, row_of


def held(e):
    return [h.cause.split(".")[1] for h in diagnosis(e).held]


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
