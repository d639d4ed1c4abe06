import json
from dataclasses import replace

import pytest

from remediator.core.model import Resource
from remediator.core.plan import Advise, HandOver, Watch
from remediator.core.settings import Settings
from remediator.core.text import Text
from remediator.core.timestamps import after
from remediator.events import parse_body
from remediator.events.internal import hand_over_event
from remediator.incidents.assessment import assess
from remediator.incidents.hand_over_rules import (
    MOST_HAND_OVERS,
    NOT_YET_S,
    alone,
    chain_of,
    held_to,
    noticed,
    without_circle,
)
from remediator.problems.ecs_task_restarting.runbook import RUNBOOK
from remediator.reports.channels.amazon_q import chat_message
from remediator.reports.channels.email import email_text
from remediator.reports.compose import compose
from tests.problems.alb_targets_unhealthy.samples import BALANCER_ARN, GROUP_ARN
from tests.problems.ecs_task_restarting.samples import evidence, stop
from tests.samples import NOW, SERVICE, incident, signal

GROUP, BALANCER = Resource("target_group", GROUP_ARN), Resource("load_balancer", BALANCER_ARN)
WHY = Text("targets answer 503", "ターゲットが 503 を返す")


def alarm(resource, key="alarm@03:00", at=NOW, metric="UnHealthyHostCount"):
    return replace(signal(key, at), kind="alarm", resource=resource, facts={"alarm": "a", "metric": metric})


def of_targets(*more, id="alb-1"):
    return incident(id, runbook="alb_targets_unhealthy", resource=GROUP, signals=(alarm(GROUP), *more))


def handed(came, runbook="ecs_task_restarting", to=SERVICE, at=NOW, **told):
    (read,) = parse_body(json.dumps(hand_over_event(came, runbook, to, WHY.en, at, **told)))
    return read


FROM_BALANCER = handed(
    incident("gw-1", runbook="alb_gateway_errors", resource=BALANCER, signals=(alarm(BALANCER),)),
    "alb_targets_unhealthy",
    GROUP,
)
CHAINED = handed(of_targets(FROM_BALANCER))


def test_a_hand_over_names_the_whole_way_that_the_trouble_came():
    assert chain_of(incident(signals=(CHAINED,))) == (
        f"alb_gateway_errors {BALANCER_ARN}",
        f"alb_targets_unhealthy {GROUP_ARN}",
    )


def test_a_hand_over_tells_of_the_last_signal_of_its_trouble_wherever_that_was_noticed():
    later = handed(of_targets(FROM_BALANCER, alarm(GROUP, "alarm@03:05", after(NOW, 300))), at=after(NOW, 400))
    assert (CHAINED.facts["seen"], later.facts["seen"]) == (NOW, after(NOW, 300))


def test_where_not_all_signals_are_kept_it_tells_of_the_moment_of_the_hand_over():
    stormy = replace(of_targets(), signal_count=21)
    assert handed(stormy, at=after(NOW, 60)).facts["seen"] == after(NOW, 60)


@pytest.mark.parametrize(
    ("runbook", "resource"),
    [("alb_targets_unhealthy", GROUP), ("alb_gateway_errors", BALANCER), ("ecs_task_restarting", SERVICE)],
)
def test_nothing_is_handed_back_to_where_it_came_from_nor_to_oneself(runbook, resource):
    decision = without_circle(HandOver(WHY, runbook, resource), incident(signals=(CHAINED,)))
    assert isinstance(decision, Advise)
    assert "targets answer 503" in decision.why.en
    assert "ターゲットが 503 を返す" in decision.why.ja


def test_another_place_is_handed_over_to():
    to = HandOver(WHY, "dynamodb_throttling", Resource("table", "arn:aws:dynamodb:r:123456789012:table/t"))
    assert without_circle(to, incident(signals=(CHAINED,))) is to


def test_a_trouble_is_not_handed_over_for_ever():
    at = CHAINED
    for n in range(MOST_HAND_OVERS):
        here = Resource("ecs_service", f"{SERVICE.arn}-{n}")
        at = handed(incident(f"n{n}", resource=here, signals=(at,)))
    decision = without_circle(HandOver(WHY, "alb_slow_response", GROUP), incident("last", signals=(at,)))
    assert isinstance(decision, Advise)
    assert "already" in decision.why.en


def test_a_hand_over_that_nobody_takes_is_told_with_what_was_noticed():
    advise = alone(HandOver(WHY, "alb_slow_response", GROUP), Text("nobody took it", "引き継ぎ先なし"))
    assert "targets answer 503" in advise.why.en
    assert "alb_slow_response, portfolio-api: nobody took it" in advise.why.en


# -- what the report says ----------------------------------------------------------------------------------------------


def case_of(*stops, signals=(CHAINED,), now=NOW, **changes):
    return assess(RUNBOOK, incident(signals=signals, **changes), evidence(*stops), now, Settings())


def test_every_symptom_is_named_with_the_time_when_it_began():
    later = alarm(GROUP, "alarm@03:09", after(NOW, 540))
    facts = noticed(incident(signals=(signal(), CHAINED, FROM_BALANCER, later)))
    assert [(f.label.en, f.at) for f in facts] == [
        ("targets fail their health checks", NOW),
        ("requests are answered with 5xx", NOW),
        ("further signal", after(NOW, 540)),
    ]
    assert facts[0].value == "portfolio-api: targets answer 503"
    assert facts[2].value == "portfolio-api: UnHealthyHostCount"


def test_the_report_shows_them_in_a_block_of_their_own():
    case = case_of(stop(1), stop(2))
    assert "Also seen, one and the same trouble" in email_text(compose(case, Settings()), "en")
    assert "ターゲットがヘルスチェックに失敗している" in email_text(compose(case, Settings()), "ja")
    alone_ = assess(RUNBOOK, incident(), evidence(stop(1)), NOW, Settings())
    assert "Also seen" not in email_text(compose(alone_, Settings()), "en")


def test_reports_go_on_in_the_thread_in_which_people_were_told_first():
    first, own = case_of(thread="alb-1"), case_of()
    assert chat_message(compose(first, Settings()), "en")["metadata"]["threadId"] == "alb-1"
    assert chat_message(compose(own, Settings()), "en")["metadata"]["threadId"] == own.incident.id


def test_what_is_not_seen_behind_yet_is_watched_for():
    assert isinstance(case_of().decision, Watch)
    assert isinstance(case_of(now=after(NOW, NOT_YET_S)).decision, Advise)


def test_an_incident_with_a_signal_of_its_own_does_not_wait():
    first = replace(signal(), at=after(NOW, -60))
    assert isinstance(case_of(signals=(first, CHAINED)).decision, Advise)


# -- the strictest tag -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("here", "there", "held"),
    [
        ("auto", "approve", "approve"),
        ("auto", "observe", "observe"),
        ("approve", "auto", "approve"),
        ("auto", "", "auto"),
        ("auto", "nonsense", "auto"),
        (None, "auto", None),
    ],
)
def test_after_a_hand_over_the_strictest_tag_holds_and_an_untagged_place_says_nothing(here, there, held):
    assert held_to(here, incident(signals=(handed(of_targets(), mode=there),))) == held


def test_a_hand_over_from_before_this_version_is_understood():
    event = dict(hand_over_event(of_targets(), "ecs_task_restarting", SERVICE, WHY.en, NOW))
    old = {k: v for k, v in event["detail"].items() if k in ("incident", "from", "runbook", "resource", "level", "why")}
    (read,) = parse_body(json.dumps({**event, "detail": old}))
    assert chain_of(incident(signals=(read,))) == ()
    (found,) = noticed(incident(signals=(read,)))
    assert (found.value, found.at) == ("targets answer 503", NOW)
