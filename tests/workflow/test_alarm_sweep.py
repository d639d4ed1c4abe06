"""The sweep on the laptop: what nobody told of is found, what goes on does not flood, and what fails is not lost."""

import json
from dataclasses import replace
from datetime import timedelta
from itertools import chain, repeat
from types import SimpleNamespace

import pytest

from remediator.aws import runtime as product
from remediator.core.errors import Retryable
from remediator.core.timestamps import after, iso
from remediator.events.internal import sweep_event
from remediator.handlers import intake
from remediator.ledger.incident_status import ABANDONED_S
from remediator.ledger.table import Table
from sandbox.cloudwatch import alarms
from sandbox.laptop import Act, Laptop
from sandbox.outcome import ended
from sandbox.scenarios.alarm_sweep import STATE_CHANGE, _silent
from sandbox.wire import AwsError

SILENT_S = 600


@pytest.fixture
def laptop():
    with Laptop() as opened:
        yield opened


def words(report):
    return " ".join(report.mail.split())


def final(laptop):
    return [r for r in laptop.reports if r.level != "pager"][-1]


def order(laptop):
    """One order of the schedule, taken at once."""
    (found,) = intake.handle(sweep_event(iso(laptop.clock.now())), SimpleNamespace())
    return found


def silent(laptop, act, **how):
    """A table's alarm has been in ALARM for minutes and nobody was told; then `act`."""
    _silent(owner_known=False, **how)(laptop.world)
    found = []
    laptop.run((Act(at_s=SILENT_S, do=lambda at: found.append(act(at))),), lasts_s=SILENT_S)
    return found[0]


def times(laptop, operation):
    return sum(r.operation == operation for r in laptop.world.requests)


def test_what_persists_is_taken_up_again_after_an_hour_and_names_the_earlier_incident(played):
    went = played("alarm-stays")
    first, second = went.records
    assert second["opened_at"] >= after(first["closed_at"], 3600)
    earlier = first["pk"].removeprefix("incident#")
    assert f"It persists: incident {earlier} ended at 04:02 UTC as NOT FIXED" in went.mails[-1]


def test_what_the_sweep_found_is_told_since_it_began_and_read_as_of_now(played):
    went = played("alarm-event-lost")
    (record,) = went.records
    (signal,) = json.loads(record["incident"])["signals"]
    assert signal["facts"]["since"] < signal["at"] == record["opened_at"]
    assert "since 03:00 UTC (healthy by 03:21 UTC)" in went.mails[-1]


def test_the_same_alarm_swept_again_finds_its_incident_at_work_and_adds_nothing(laptop):
    def twice(at):
        return order(at), order(at)

    once, again = silent(laptop, twice)
    assert once["swept"] == {"new": 1}
    assert again == {"swept": {"open": 1}, "opened": []}
    (record,) = laptop.records()
    assert record["signal_count"] == 1


def test_an_incident_that_was_written_and_never_started_is_started_by_the_next_sweep(laptop):
    def crashed(at):
        at.world.throttle("lambda:InvokeFunction", 3)  # as often as botocore asks
        with pytest.raises(Retryable, match="InvokeFunction"):
            order(at)
        assert not at.durable.names
        return order(at)

    assert silent(laptop, crashed)["swept"] == {"open": 1}
    assert len(laptop.durable.names) == 1
    assert ended(laptop).action == "told"


@pytest.mark.parametrize("action", ["cloudwatch:DescribeAlarms", "cloudwatch:ListAlarmMuteRules", "dynamodb:PutItem"])
def test_what_the_sweep_may_not_do_is_named_and_its_order_lands_in_the_dead_letter_queue(laptop, action):
    laptop.world.deny(action)
    laptop.world.lose(STATE_CHANGE)
    laptop.world.around.watch(alarms.table_throttled("Read", form="filled"))
    _silent()(laptop.world)
    laptop.sweep()
    laptop.run(lasts_s=1100)
    assert [d.event["detail-type"] for d in laptop.dead_letters] == ["Alarm Sweep"]
    assert laptop.records() == []
    with pytest.raises(Retryable, match=action.split(":")[1] if "Alarm" in action else "alarm sweep"):
        order(laptop)


def test_half_a_page_is_no_answer_and_nothing_is_opened_on_it(laptop):
    def half(at):
        pages = chain(({"MetricAlarms": [], "NextToken": "more"},), repeat(None))

        def page(_):
            found = next(pages)
            if found is None:
                raise AwsError("InternalServiceError", "try again", 500)
            return found

        at.world.fake("cloudwatch", {"DescribeAlarms": page})
        with pytest.raises(Retryable, match="here: cloudwatch:DescribeAlarms: 500"):
            order(at)
        return at.records()

    assert silent(laptop, half) == []


def test_every_page_is_read(laptop):
    def paged(at):
        all_of_them = at.world.around.alarms.describe_alarms

        def page(asked):
            if "NextToken" not in asked:
                return {"MetricAlarms": [], "NextToken": "more"}
            return all_of_them({n: v for n, v in asked.items() if n != "NextToken"})

        at.world.fake("cloudwatch", {"DescribeAlarms": page})
        return order(at)

    assert silent(laptop, paged)["swept"] == {"new": 1}


def test_a_failure_in_us_east_1_does_not_hold_back_what_is_found_at_home(laptop):
    def divided(at):
        all_of_them = at.world.around.alarms.describe_alarms

        def answer(asked):
            if at.world.around.alarms.asked_in == "us-east-1":
                raise AwsError("AccessDeniedException", "not authorized to perform: cloudwatch:DescribeAlarms")
            return all_of_them(asked)

        at.world.fake("cloudwatch", {"DescribeAlarms": answer})
        with pytest.raises(Retryable, match="us-east-1: cloudwatch:DescribeAlarms is not allowed"):
            order(at)
        return len(at.records())

    assert silent(laptop, divided) == 1


def test_us_east_1_is_asked_only_where_a_distribution_is_declared(laptop):
    (workload,) = laptop.runtime.settings.workloads
    bare = replace(laptop.runtime.settings, workloads=(replace(workload, distribution=""),))
    product.install(replace(laptop.runtime, settings=bare))
    order(laptop)
    assert [r.region for r in laptop.world.requests if r.operation == "DescribeAlarms"] == ["ap-northeast-1"]


def test_an_alarm_of_another_distribution_in_us_east_1_is_not_ours(laptop):
    foreign = alarms.site_failing()
    laptop.world.around.watch(replace(foreign, dimensions={**foreign.dimensions, "DistributionId": "E1OTHER"}))
    laptop.world.around.alarms.states[foreign.name] = ("ALARM", laptop.clock.now())
    assert order(laptop) == {"swept": {}, "opened": []}


def test_an_incident_that_nothing_works_on_any_more_does_not_keep_its_trouble_from_being_seen(laptop):
    """Its execution has died: the slot would stay taken for ever."""

    def abandoned(at):
        order(at)
        (record,) = at.records()
        long_ago = after(iso(at.clock.now()), -ABANDONED_S - 60)
        with at.world.behind_the_scenes():
            Table(at.runtime).update(record["slot"], "SET opened_at = :then", then=long_ago)
        at.clock.move_to(at.clock.now() + timedelta(seconds=1))  # another moment: another incident
        return record, order(at)

    dead, found = silent(laptop, abandoned)
    assert found["swept"] == {"abandoned": 1}
    new = next(r for r in laptop.records() if r["pk"].removeprefix("incident#") == found["opened"][0])
    earlier = dead["pk"].removeprefix("incident#")
    assert earlier in json.dumps(new["incident"])
    mails = [words(r) for r in laptop.reports if r.level != "pager"]
    assert any(f"incident {earlier} stopped without a word" in mail for mail in mails)


def test_a_real_event_that_comes_late_joins_what_the_sweep_has_opened(laptop):
    def late(at):
        order(at)
        event = next(e for e in at.world.events if e["detail-type"] == STATE_CHANGE)
        return intake.handle(event, SimpleNamespace())[0]

    assert silent(laptop, late)["how"] == "joined"
    assert len(laptop.records()) == 1


def test_a_muted_alarm_is_looked_up_before_anything_is_opened(laptop):
    assert silent(laptop, order, muted=True)["swept"] == {"muted": 1}
    assert times(laptop, "ListAlarmMuteRules") == 1
    assert laptop.records() == []
