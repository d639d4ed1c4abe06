import pytest

from remediator.core.model import Signal
from remediator.incidents.diagnosis import diagnose
from remediator.problems import route
from remediator.problems.ecs_task_not_starting.runbook import RUNBOOK

from ...samples import NOW, SERVICE
from ..ecs_task_restarting.samples import crash, definition, gap, stop
from .samples import (
    ALL_ENDPOINTS,
    CUT_OFF,
    ENDPOINT_GROUP,
    NO_ROOM,
    NO_SECRET,
    NOT_FOUND,
    REFUSED,
    TASK_GROUP,
    TIMED_OUT,
    evidence,
    group,
    https_from,
    loop,
    place,
    refusal,
    role,
    said,
)
from .setting import BEHIND_ENDPOINTS, IMAGE, INVALID, MISSING_IMAGE, NETWORK, PERMISSIONS, RESOURCES, SETTING, cause_of


@pytest.mark.parametrize(
    ("e", "cause"),
    [
        (evidence(said=(said(2, NO_ROOM),)), RESOURCES),
        (evidence(said=(said(2, "RESOURCE:FARGATE", "SERVICE_TASK_PLACEMENT_FAILURE"),)), RESOURCES),
        (evidence(*loop(REFUSED)), PERMISSIONS),
        (evidence(*loop(TIMED_OUT), **BEHIND_ENDPOINTS), NETWORK),
        (evidence(*loop(NOT_FOUND)), IMAGE),
        (evidence(*loop(NO_SECRET)), INVALID),
        (evidence(stop(1), crash(3)), None),
        (evidence(said=(said(2, "(service portfolio-api-service) has reached a steady state."),)), None),
        (evidence(), None),
    ],
)
def test_the_failed_starts_name_the_row_of_the_guide(e, cause):
    assert cause_of(e) == cause


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"roles": (role("logs:*"),)}, PERMISSIONS),
        ({"roles": (role(exists=False),)}, PERMISSIONS),
        ({"roles": (role("*", trusts_tasks=False),)}, PERMISSIONS),
        ({"refused": refusal()}, PERMISSIONS),
        ({"refused": refusal(by="another-role/x")}, None),
        ({"refused": refusal(error_code="ResourceNotFoundException")}, None),
        (BEHIND_ENDPOINTS, NETWORK),
        (MISSING_IMAGE, IMAGE),
        ({"definition": definition(cpu_units=300)}, RESOURCES),
        ({}, None),
    ],
)
def test_words_that_aws_cut_off_are_told_apart_by_what_the_account_shows(changes, cause):
    assert cause_of(evidence(*loop(CUT_OFF), **changes)) == cause


@pytest.mark.parametrize(
    ("unread", "cause"), [("roles", PERMISSIONS), ("place", NETWORK), ("way_groups", NETWORK), ("images", IMAGE)]
)
def test_what_could_not_be_read_leaves_the_row_open_where_the_words_are_cut_off(unread, cause):
    diagnosis = diagnose(RUNBOOK, evidence(*loop(CUT_OFF), **{unread: gap("Denied: no")}), SETTING)
    assert diagnosis.cause is None
    assert (cause, "Denied: no") in [(o.cause, o.why) for o in diagnosis.unchecked]


def test_a_timeout_names_no_closed_way_where_every_way_that_is_looked_at_is_open():
    diagnosis = diagnose(RUNBOOK, evidence(*loop(TIMED_OUT)), SETTING)
    assert diagnosis.cause is None
    assert [o.cause for o in diagnosis.unchecked] == [NETWORK]


def test_only_the_way_that_the_words_name_is_held_against_the_network():
    only_logs_missing = place(endpoints=tuple(e for e in ALL_ENDPOINTS if e.service != "logs"))
    admitted = (group(TASK_GROUP), group(ENDPOINT_GROUP, https_from(TASK_GROUP)))
    diagnosis = diagnose(RUNBOOK, evidence(*loop(TIMED_OUT), place=only_logs_missing, way_groups=admitted), SETTING)
    assert diagnosis.cause is None


def test_what_ecs_said_of_placing_ranks_behind_tasks_that_were_placed_and_failed():
    mixed = evidence(*loop(NOT_FOUND), said=(said(20, NO_ROOM), said(21, NO_ROOM), said(22, NO_ROOM)))
    held = [h.cause for h in diagnose(RUNBOOK, mixed, SETTING).held]
    assert held == [IMAGE, RESOURCES]


def test_stops_that_could_not_be_read_rule_nothing_out():
    diagnosis = diagnose(RUNBOOK, evidence(stops=gap()), SETTING)
    assert diagnosis.held == diagnosis.ruled_out == ()
    assert len(diagnosis.unchecked) == 5


def test_every_fact_says_where_and_when_it_was_read():
    for e in (evidence(*loop(REFUSED)), evidence(*loop(TIMED_OUT), **BEHIND_ENDPOINTS), evidence(*loop(NOT_FOUND))):
        for held in diagnose(RUNBOOK, e, SETTING).held:
            assert all(f.source and f.at for f in held.facts)


@pytest.mark.parametrize(
    ("kind", "facts", "mine"),
    [
        ("ecs_task_stopped", {"meaning": "failed_to_start"}, True),
        ("ecs_task_stopped", {"meaning": "out_of_memory"}, False),
        ("ecs_service_action", {"eventName": "SERVICE_TASK_PLACEMENT_FAILURE"}, True),
        ("ecs_service_action", {"eventName": "SERVICE_TASK_CONFIGURATION_FAILURE"}, True),
        ("ecs_service_action", {"eventName": "SERVICE_TASK_START_IMPAIRED"}, True),
        ("ecs_service_action", {"eventName": "ECS_OPERATION_THROTTLED"}, False),
    ],
)
def test_failed_starts_come_here_and_no_other_stop_does(kind, facts, mine):
    found = route(Signal(kind=kind, resource=SERVICE, level="high", at=NOW, key="k", facts=facts))
    assert (found == RUNBOOK.id) is mine
