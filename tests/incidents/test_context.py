"""The background: calls of the hour before, what is the incident's own first, and gaps as they are."""

from dataclasses import replace

from remediator.core.evidence import Reading
from remediator.core.serialization import from_json, to_json
from remediator.incidents.context import CALLS_KEPT, IncidentContext, incident_context
from remediator.resources.cloudtrail.history import ApiEvent, History
from remediator.resources.logs.digest import LogDigest

OPENED, NOW = "2026-11-23T03:00:00.000Z", "2026-11-23T03:05:00.000Z"
NAMES = ("portfolio-api-service",)
OWN = ApiEvent(at="2026-11-23T02:41:00Z", name="UpdateService", source="ecs", id="1", by="deploy/ci", resources=NAMES)
ROLE = ApiEvent(
    at="2026-11-23T02:30:00Z", name="PutRolePolicy", source="iam", id="2", by="admin/ann", resources=("other",)
)
LOG = Reading(value=LogDigest(group="/g", since="s", until="u"))


def of(*events, log=LOG, **more):
    return incident_context(log, (Reading(value=History(events=events, **more)),), NAMES, OPENED, NOW)


def test_changes_of_the_resources_and_permissions_anywhere_are_told_newest_first():
    other = replace(OWN, id="3", resources=("another",))
    found = of(ROLE, OWN, other)
    assert [(n.call.name, n.own) for n in found.calls] == [("UpdateService", True), ("PutRolePolicy", False)]
    assert (found.since, found.more_calls, found.log_gap, found.history_gap) == ("2026-11-23T02:00:00.000Z", 0, "", "")


def test_failed_calls_on_the_resources_are_told_and_those_elsewhere_are_not():
    failed = replace(OWN, id="4", error_code="AccessDenied")
    assert [n.call.id for n in of(failed, replace(failed, id="5", resources=("another",))).calls] == ["4"]


def test_reads_our_own_calls_and_what_is_older_than_an_hour_are_left_out():
    assert (
        of(replace(OWN, read_only=True), replace(OWN, kind="ours"), replace(OWN, at="2026-11-23T01:59:00Z")).calls == ()
    )


def test_one_call_that_two_regions_tell_is_told_once():
    twice = (Reading(value=History(events=(OWN,))),) * 2
    assert len(incident_context(LOG, twice, NAMES, OPENED, NOW).calls) == 1


def test_what_is_not_the_incidents_own_is_left_out_first():
    many = [replace(ROLE, id=f"r{n}", at=f"2026-11-23T02:5{n % 10}:00Z") for n in range(3 * CALLS_KEPT)]
    found = of(OWN, *many)
    assert len(found.calls) == CALLS_KEPT
    assert found.more_calls == 1 + len(many) - CALLS_KEPT
    assert OWN in [n.call for n in found.calls]


def test_what_could_not_be_read_is_said_and_the_rest_is_told():
    gap = Reading(gap="Denied: cloudtrail:LookupEvents is not allowed")
    found = incident_context(
        Reading(gap="NotFound: no log"), (gap, Reading(value=History(events=(OWN,)))), NAMES, OPENED, NOW
    )
    assert found.log is None
    assert found.log_gap == "NotFound: no log"
    assert found.history_gap == "Denied: cloudtrail:LookupEvents is not allowed"
    assert len(found.calls) == 1
    assert incident_context(LOG, (gap, gap), NAMES, OPENED, NOW).since == ""


def test_a_window_that_is_cut_says_why():
    assert of(complete=False, cut="the newest 300").cut == ("the newest 300",)


def test_it_is_stored_and_read_back_as_it_was():
    found = of(OWN, ROLE)
    assert from_json(IncidentContext, to_json(found)) == found
