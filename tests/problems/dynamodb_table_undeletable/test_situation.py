from dataclasses import replace

import pytest

from remediator.core.evidence import Reading
from remediator.core.model import Resource
from remediator.core.serialization import from_json, to_json
from remediator.core.settings import Settings
from remediator.incidents.assessment import assess
from remediator.problems.dynamodb_table_undeletable.evidence import Evidence
from remediator.problems.dynamodb_table_undeletable.runbook import RUNBOOK

from ...samples import NOW, incident
from ..dynamodb_throttling.samples import TABLE_ARN
from .samples import AWAY, BUILT, INDEXES, NO_DETAIL, PROTECTED, evidence, table
from .setting import ROWS, row_of


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
