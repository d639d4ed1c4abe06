"""One trouble, one incident: how incidents become part of another one, whatever the order and the races."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from remediator.aws.runtime import Clients
from remediator.core.errors import Retryable
from remediator.core.model import Incident, Resource
from remediator.core.serialization import from_json
from remediator.core.timestamps import after
from remediator.events import parse_body
from remediator.events.internal import hand_over_event
from remediator.intake.service import IntakeService
from remediator.ledger.incidents import Ledger
from remediator.ledger.joined_incidents import Joining
from remediator.ledger.table import Table
from remediator.problems import route
from tests.problems.alb_targets_unhealthy.samples import BALANCER_ARN, GROUP_ARN
from tests.samples import NOW, SERVICE, incident, signal

GROUP, BALANCER = Resource("target_group", GROUP_ARN), Resource("load_balancer", BALANCER_ARN)
ALIAS = "arn:aws:lambda:ap-northeast-1:123456789012:function:remediator-remediate:live"
METRICS = {"alb_targets_unhealthy": "UnHealthyHostCount", "alb_gateway_errors": "HTTPCode_ELB_503_Count"}


class Started:
    """Lambda that takes every invoke."""

    def __init__(self):
        self.names = []

    def invoke(self, **asked):
        self.names.append(asked["DurableExecutionName"])
        return {"StatusCode": 202}


@pytest.fixture
def started():
    return Started()


@pytest.fixture
def world(runtime, started):
    real = Clients()
    clock = {"now": datetime(2026, 11, 23, 3, 0, tzinfo=UTC)}
    clients = lambda name, *more: started if name == "lambda" else real(name, *more)  # noqa: E731
    environment = replace(runtime.environment, remediate_alias=ALIAS)
    made = replace(runtime, clients=clients, environment=environment, now=lambda: clock["now"])
    return World(made, clock)


class World:
    """Intake and ledger, and what executions tell them."""

    def __init__(self, runtime, clock):
        self.runtime, self._clock = runtime, clock
        self.desk, self.ledger, self.joining = IntakeService(runtime, route), Ledger(runtime), Joining(runtime)
        self.table = Table(runtime)

    def later(self, at_s):
        self._clock["now"] = datetime(2026, 11, 23, 3, 0, tzinfo=UTC).replace(minute=at_s // 60, second=at_s % 60)

    def alarm(self, runbook, resource, at_s=0):
        facts = {"namespace": "AWS/ApplicationELB", "metric": METRICS[runbook]}
        found = replace(signal(f"{runbook}@{at_s}", after(NOW, at_s)), kind="alarm", resource=resource, facts=facts)
        return self.desk.take(found)

    def targets(self, at_s=0):
        return self.alarm("alb_targets_unhealthy", GROUP, at_s)

    def balancer(self, at_s=0):
        return self.alarm("alb_gateway_errors", BALANCER, at_s)

    def stop(self, at_s=0):
        return self.desk.take(signal(f"task@{at_s}", after(NOW, at_s), meaning="out_of_memory"))

    def hand_over(self, outcome, runbook="ecs_task_restarting", to=SERVICE, at_s=60):
        came = self.ledger.with_signals(self.begun(outcome))
        event = hand_over_event(came, runbook, to, "targets answer 503", after(NOW, at_s))
        return self.desk.take(parse_body(json.dumps(event))[0])

    def begun(self, outcome):
        return self.ledger.begin(outcome["incident"])

    def close(self, outcome, verdict="handed_over", at_s=90):
        stored = self.ledger.load(outcome["incident"])
        self.ledger.close(from_json(Incident, json.loads(stored["incident"])), verdict, after(NOW, at_s))

    def troubles(self):
        return [str(r["pk"]).removeprefix("incident#") for r in self.ledger.troubles(10)]


def test_stops_first_then_both_alarms_are_one_incident(world):
    service = world.stop()
    group, balancer = world.targets(10), world.balancer(20)
    assert world.hand_over(group)["incident"] == service["incident"]
    assert world.hand_over(balancer)["incident"] == service["incident"]
    assert world.troubles() == [service["incident"]]
    record = world.ledger.load(service["incident"])
    assert record["noticed_by"] == sorted([group["incident"], balancer["incident"]])
    assert world.ledger.load(group["incident"])["joined"] == service["incident"]


def test_the_alarm_first_and_the_stops_after_it_are_one_incident(world, started):
    group = world.targets()
    opened = world.hand_over(group)
    assert opened["how"] == "opened"
    assert world.stop(90) == {"incident": opened["incident"], "how": "joined"}
    assert world.troubles() == [opened["incident"]]
    assert started.names.count(opened["incident"]) >= 1


def test_a_chain_from_load_balancer_to_targets_to_service_ends_at_one(world):
    balancer = world.balancer()
    group = world.hand_over(balancer, "alb_targets_unhealthy", GROUP)
    service = world.hand_over(group)
    assert world.troubles() == [service["incident"]]
    assert world.joining.end_of(balancer["incident"]) == service["incident"]


def test_a_hand_over_to_a_place_that_has_itself_been_handed_over_follows_it(world):
    service, group, balancer = world.stop(), world.targets(10), world.balancer(20)
    world.hand_over(group)
    found = world.hand_over(balancer, "alb_targets_unhealthy", GROUP)
    assert found["incident"] == service["incident"]
    assert world.troubles() == [service["incident"]]


def test_a_later_alarm_of_the_noticing_problem_joins_the_incident_that_goes_on(world, started):
    service, group = world.stop(), world.targets(10)
    world.hand_over(group)
    before = len(started.names)
    world.close(group)
    assert world.targets(600) == {"incident": service["incident"], "how": "joined"}
    assert world.targets(600)["how"] == "repeated"
    begun = world.begun(service)
    assert GROUP in {s.resource for s in begun.signals}
    assert begun.signal_count == 3  # the stop, the hand-over, the later alarm
    assert len(started.names) == before + 1  # the service's own, which had not begun; nothing was opened


def test_it_joins_also_before_the_noticing_incident_has_closed(world):
    service, group = world.stop(), world.targets(10)
    world.hand_over(group)
    assert world.targets(20)["incident"] == service["incident"]


def test_a_storm_does_not_crowd_out_what_other_resources_tell(world):
    service, group = world.stop(), world.targets(10)
    for n in range(40):
        world.stop(20 + n)
    world.hand_over(group, at_s=70)
    world.targets(80)
    kinds = [s.kind for s in world.begun(service).signals]
    assert (kinds.count("handed_over"), kinds.count("alarm")) == (1, 1)
    assert world.begun(service).signal_count == 43


def test_once_the_incident_is_over_a_new_alarm_opens_its_own_again(world):
    service, group = world.stop(), world.targets(10)
    world.hand_over(group)
    world.close(group)
    world.close(service, "fixed", 600)
    assert world.targets(500) == {"incident": service["incident"], "how": "late"}
    world.later(900)
    fresh = world.targets(900)
    assert fresh["how"] == "opened"
    assert fresh["incident"] not in (group["incident"], service["incident"])


def test_a_hand_over_of_what_was_signalled_before_the_end_joins_the_closed_incident(world, started):
    service, group = world.stop(), world.targets(10)
    world.ledger.note(service["incident"], told_first=NOW)
    world.close(service, "fixed", 300)
    before = len(started.names)
    assert world.hand_over(group, at_s=305) == {"incident": service["incident"], "how": "late"}
    assert world.troubles() == [service["incident"]]
    assert world.joining.taken(group["incident"]).state == "taken"
    assert len(started.names) == before


def test_so_does_one_that_comes_by_way_of_another_incident(world):
    service, balancer = world.stop(), world.balancer(10)
    world.close(service, "fixed", 300)
    group = world.hand_over(balancer, "alb_targets_unhealthy", GROUP, at_s=305)
    assert world.hand_over(group, at_s=310)["how"] == "late"
    assert world.troubles() == [service["incident"]]


def test_a_hand_over_of_what_was_signalled_again_after_the_end_opens_an_incident(world):
    service, group = world.stop(), world.targets(10)
    world.close(service, "fixed", 300)
    world.targets(310)
    told = world.hand_over(group, at_s=320)
    assert told["how"] == "opened"
    assert world.ledger.load(group["incident"])["joined"] == told["incident"]


@pytest.mark.parametrize("known", [{"thread": "alb-1"}, {"seen": None}], ids=["told of in a thread", "without a time"])
def test_a_hand_over_that_people_wait_for_or_that_tells_no_time_is_never_late(world, known):
    service, group = world.stop(), world.targets(10)
    world.close(service, "fixed", 300)
    event = hand_over_event(world.begun(group), "ecs_task_restarting", SERVICE, "why", after(NOW, 305))
    told = world.desk.take(parse_body(json.dumps({**event, "detail": {**event["detail"], **known}}))[0])
    assert told["how"] == "opened"


def test_two_separate_troubles_stay_two(world):
    service, group = world.stop(), world.targets(10)
    assert set(world.troubles()) == {service["incident"], group["incident"]}
    assert world.targets(20)["incident"] == group["incident"]


# -- repeats and races -------------------------------------------------------------------------------------------------


def test_the_same_hand_over_told_twice_changes_nothing_more(world):
    service, group = world.stop(), world.targets(10)
    world.hand_over(group)
    first = world.ledger.load(service["incident"])
    world.desk = IntakeService(replace(world.runtime), route)  # another process
    assert world.hand_over(group)["incident"] == service["incident"]
    assert world.ledger.load(service["incident"]) == first
    assert world.begun(service).signal_count == 2


def test_a_crash_between_the_signal_and_the_joining_is_made_good_by_the_queue(world, monkeypatch):
    service, group = world.stop(), world.targets(10)
    with monkeypatch.context() as broken:
        broken.setattr(Joining, "join", lambda *_: (_ for _ in ()).throw(Retryable("lost")))
        with pytest.raises(Retryable):
            world.hand_over(group)
    assert "joined" not in world.ledger.load(group["incident"])
    world.hand_over(group)
    assert world.ledger.load(group["incident"])["joined"] == service["incident"]
    assert world.begun(service).signal_count == 2


def test_two_that_hand_over_to_each_other_make_no_circle(world):
    service, group = world.stop(), world.targets(10)
    world.hand_over(group)
    found = world.hand_over(service, "alb_targets_unhealthy", GROUP)
    assert found["incident"] == service["incident"]
    assert world.joining.taken(service["incident"]).state == "back"
    assert world.troubles() == [service["incident"]]


def test_who_becomes_part_of_another_at_the_same_moment_is_asked_again(world):
    service, group, balancer = world.stop(), world.targets(10), world.balancer(20)
    world.joining.join(group["incident"], service["incident"])
    with pytest.raises(Retryable):
        world.joining.join(balancer["incident"], group["incident"])
    assert world.hand_over(balancer, "alb_targets_unhealthy", GROUP)["incident"] == service["incident"]


def test_three_in_a_ring_leave_one_that_goes_on(world):
    service, group, balancer = world.stop(), world.targets(10), world.balancer(20)
    world.hand_over(balancer, "alb_targets_unhealthy", GROUP)
    world.hand_over(group)
    world.hand_over(service, "alb_gateway_errors", BALANCER)
    assert world.troubles() == [service["incident"]]
    assert world.joining.taken(service["incident"]).state == "back"


def test_whoever_goes_on_alone_is_not_taken_any_more(world):
    service, group = world.stop(), world.targets(10)
    world.begun(group)
    world.joining.go_alone(group["incident"], NOW)
    world.hand_over(group)
    assert "joined" not in world.ledger.load(group["incident"])
    assert set(world.troubles()) == {service["incident"], group["incident"]}


def test_going_alone_takes_a_joining_back_and_signals_stay(world):
    service, group = world.stop(), world.targets(10)
    world.hand_over(group)
    world.joining.go_alone(group["incident"], NOW)
    assert world.targets(120)["incident"] == group["incident"]
    assert "noticed_by" not in world.ledger.load(service["incident"])
    world.joining.go_alone(group["incident"], NOW)  # repeated after a crash


def test_an_incident_whose_slot_is_a_later_ones_still_joins_and_leaves(world):
    service, group = world.stop(), world.targets(10)
    world.begun(group)
    world.close(group, "fixed", 60)
    world.later(120)
    later = world.targets(120)
    world.joining.join(group["incident"], service["incident"])
    assert world.targets(180)["incident"] == later["incident"]
    world.joining.go_alone(group["incident"], NOW)
    assert world.targets(240)["incident"] == later["incident"]


# -- nobody takes it over ----------------------------------------------------------------------------------------------


def test_it_waits_until_the_other_has_told_people(world):
    service, group = world.stop(), world.targets(10)
    assert world.joining.taken(group["incident"]).state == "waiting"
    world.hand_over(group)
    assert world.joining.taken(group["incident"]).state == "waiting"
    world.ledger.note(service["incident"], told_first_at=NOW)
    found = world.joining.taken(group["incident"])
    assert (found.state, found.by) == ("taken", service["incident"])


def test_an_incident_that_ended_without_a_word_has_not_taken_it(world):
    service, group = world.stop(), world.targets(10)
    world.hand_over(group)
    world.close(service, "opted_out")
    found = world.joining.taken(group["incident"])
    assert found.state == "back"
    assert "opted_out" in found.why


@pytest.mark.parametrize(
    ("runbook", "to", "why"),
    [
        ("no_such_runbook", SERVICE, "no runbook looks into"),
        (
            "ecs_task_restarting",
            Resource("ecs_service", SERVICE.arn.replace("123456789012", "210987654321")),
            "account",
        ),
    ],
)
def test_a_hand_over_that_starts_nothing_comes_back(world, runbook, to, why):
    group = world.targets(10)
    assert why in world.hand_over(group, runbook, to)["ignored"]
    assert world.joining.taken(group["incident"]).state == "back"


def test_a_hand_over_by_nobody_known_opens_an_incident_and_links_nothing(world):
    event = hand_over_event(incident("forged"), "alb_targets_unhealthy", GROUP, "why", NOW)
    found = world.desk.take(parse_body(json.dumps(event))[0])
    assert found["how"] == "opened"
    assert world.desk.take(parse_body(json.dumps({**event, "detail": {**event["detail"], "runbook": "x"}}))[0])[
        "ignored"
    ]


def test_the_other_incident_goes_on_in_the_thread_of_the_first_report(world):
    group = world.targets(10)
    came = world.begun(group)
    event = hand_over_event(came, "ecs_task_restarting", SERVICE, "why", after(NOW, 60), thread=came.id)
    found = world.desk.take(parse_body(json.dumps(event))[0])
    assert world.ledger.begin(found["incident"]).thread == came.id
