"""What the ledger holds of an incident, as values: whole, by halves, and from another version."""

import json

import pytest

from remediator.core.serialization import canonical
from remediator.incidents.record import record_of
from tests.reports.cases import CASES

CASE = CASES["out_of_memory_fixed"]
FIRST = CASES["out_of_memory_first_report"]
RECORD = {
    "pk": f"incident#{CASE.incident.id}",
    "incident": canonical(CASE.incident),
    "state": "closed",
    "verdict": "fixed",
    "opened_at": CASE.incident.opened_at,
    "closed_at": CASE.at,
    "case_first": canonical(FIRST),
    "told_first_at": FIRST.at,
    "case_final": canonical(CASE),
    "told_final_at": CASE.at,
    "change": canonical(CASE.change),
    "change_state": "applied",
    "signal_count": 3,
}


def test_the_newest_report_is_the_case():
    incident_record = record_of(RECORD)
    assert [t.case.stage for t in incident_record.reports] == ["first", "final"]
    assert incident_record.case == CASE
    assert incident_record.until == CASE.at


def test_the_trail_is_in_order_and_names_the_calls():
    trail = record_of(RECORD).trail
    assert [e.at for e in trail] == sorted(e.at for e in trail)
    (change,) = [e for e in trail if e.name == "change"]
    assert "ecs:UpdateService" in change.value


def test_a_record_that_has_just_been_opened_has_no_case():
    incident_record = record_of({k: RECORD[k] for k in ("pk", "incident", "opened_at")} | {"state": "opened"})
    assert incident_record.case is None
    assert incident_record.until == CASE.incident.opened_at
    assert incident_record.signals == CASE.incident.signals


def test_what_another_version_has_written_is_named_and_left_out():
    incident_record = record_of({**RECORD, "case_final": json.dumps({"stage": "final"}), "clocks": "not JSON"})
    assert incident_record.unread == ("case_final", "clocks")
    assert incident_record.case == FIRST


def test_a_moment_that_is_none_is_no_line_of_the_trail():
    names = [e.name for e in record_of({**RECORD, "held_at": "yesterday", "change": "{"}).trail]
    assert "held_at" not in names
    assert "change" not in names


def test_what_is_no_incident_is_refused():
    with pytest.raises(KeyError):
        record_of({"pk": "slot#x"})
