import json

import pytest

from remediator.core.consider import consider
from remediator.core.errors import EventNotUnderstood
from remediator.core.model import Signal
from remediator.core.settings import Settings
from remediator.core.signals import parse_body
from remediator.core.signals.own import hand_over_event
from remediator.runbooks import route
from remediator.runbooks.ecs_task_restarting import RUNBOOK
from tests.runbooks.evidence_of_restarts import evidence, stop
from tests.samples import NOW, SERVICE, incident


def handed_over(**changes):
    event = dict(hand_over_event(incident("alb-1"), "ecs_task_restarting", SERVICE, "targets answer 503", NOW))
    event["detail"] = {**event["detail"], **changes}
    return event


def test_a_hand_over_is_a_signal_for_exactly_the_runbook_that_it_names():
    (signal,) = parse_body(json.dumps(handed_over()))
    assert isinstance(signal, Signal)
    assert (signal.resource, signal.level, signal.at) == (SERVICE, "high", NOW)
    assert route(signal).id == "ecs_task_restarting"


def test_the_same_hand_over_told_twice_has_one_key():
    assert parse_body(json.dumps(handed_over()))[0].key == parse_body(json.dumps(handed_over()))[0].key


def test_a_hand_over_to_an_unknown_runbook_starts_nothing():
    (signal,) = parse_body(json.dumps(handed_over(runbook="no_such_runbook")))
    assert route(signal) is None


@pytest.mark.parametrize("torn", [{"resource": {}}, {"level": "urgent"}, {"runbook": ""}, {"incident": 5}])
def test_a_torn_hand_over_is_not_understood(torn):
    with pytest.raises(EventNotUnderstood):
        parse_body(json.dumps(handed_over(**torn)))


def test_the_report_says_where_the_trouble_was_noticed():
    (signal,) = parse_body(json.dumps(handed_over(**{"from": "alb_targets_unhealthy"})))
    case = consider(RUNBOOK, incident(signals=(signal,)), evidence(stop(1)), NOW, Settings())
    assert "alb_targets_unhealthy: targets answer 503" in case.note.en
