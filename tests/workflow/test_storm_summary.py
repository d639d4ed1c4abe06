"""More incidents than one can read about: the first are told one by one, the next together, and nothing is lost."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace

import pytest

from remediator.aws import runtime as product
from remediator.core.serialization import canonical, from_json
from remediator.core.settings import Limits
from remediator.core.text import same
from remediator.incidents.case import Approval, Case
from remediator.incidents.storm import RETOLD_S, entries_of, storm_id
from remediator.ledger.table import Table
from remediator.notifications.storm_control import NOW, Storms
from sandbox.cloudwatch.alarms import Alarm, _told
from sandbox.laptop import Act, Laptop
from sandbox.names import uuid
from sandbox.wire import AwsError

ALONE = 3
MANY = 8


def alarm_of(n, at):
    alarm = Alarm(
        name=f"table-{n}-throttled",
        namespace="AWS/DynamoDB",
        metric="ReadThrottleEvents",
        dimensions={"TableName": f"table-{n}"},
    )
    return _told(alarm, "ALARM", [1.0, 1.0, 1.0], at, at)[0]


def limited(laptop, **limits):
    settings = replace(laptop.runtime.settings, limits=Limits(storm_reports=ALONE, **limits))
    laptop.runtime = replace(laptop.runtime, settings=settings)
    product.install(laptop.runtime)


def storm(laptop, count=MANY, acts=(), **limits):
    """So many tables are throttled at once; nobody can look into them, so each is told and watched for an hour."""
    limited(laptop, **limits)
    laptop.sweep()
    come = Act(at_s=60, do=lambda at: at.deliver(alarm_of(n, at.clock.now()) for n in range(count)))
    laptop.run((come, *acts), lasts_s=6000)


pytestmark = pytest.mark.xdist_group("storm summary")  # one process, one storm


@pytest.fixture
def laptop():
    with Laptop() as opened:
        yield opened


@pytest.fixture(scope="module")
def stormy():
    with Laptop() as opened:
        storm(opened)
        records, reports = opened.records(), opened.reports
        with opened.world.behind_the_scenes():
            again, gate = Storms(opened.runtime).look(), Table(opened.runtime).get(NOW)
    return SimpleNamespace(reports=reports, records=lambda: records, again=again, gate=gate)


def read(report):
    return " ".join(report.mail.split())


def of_storm(laptop):
    return [r for r in laptop.reports if r.attributes.get("stage", "").startswith("storm") and r.level != "pager"]


def one_by_one(laptop):
    return {r.attributes["incident"] for r in laptop.reports} - {r.attributes["incident"] for r in of_storm(laptop)}


def test_the_first_are_told_one_by_one_and_the_next_in_one_message(stormy):
    assert len(stormy.records()) == MANY
    assert len(one_by_one(stormy)) == ALONE
    begins = [r for r in of_storm(stormy) if r.attributes["stage"] == "storm_begins"]
    assert len(begins) == 1
    assert begins[0].level == "high"
    assert re.search(rf"The first {ALONE} were reported one by one; [1-5] more are told here", read(begins[0]))


def test_the_last_message_counts_by_problem_and_workload_and_has_every_verdict(stormy):
    over = of_storm(stormy)[-1]
    assert over.attributes["stage"] == "storm_over"
    assert f"{MANY} incidents since" in read(over)
    assert f"DynamoDB requests are throttled: {MANY}" in read(over)
    assert f"no declared workload: {MANY}" in read(over)
    assert f"CANNOT TELL: {MANY}" in read(over)
    assert "remediator incidents" in read(over)


def test_each_incident_stands_in_the_ledger_with_what_its_report_would_have_said(stormy):
    found = [r["told"] for r in stormy.records()]
    assert found.count("in summary") == MANY - ALONE
    for record in stormy.records():
        assert from_json(Case, json.loads(record["case_final"])).incident.id == record["pk"].removeprefix("incident#")
        assert record["told_first_at"] < record["told_final_at"]


def test_what_was_told_is_told_once_and_pagers_get_one_page_for_the_storm(stormy):
    kinds = [r.attributes["stage"] for r in of_storm(stormy)]
    assert kinds == ["storm_begins", "storm_over"]
    pages = [json.loads(r.mail) for r in stormy.reports if r.level == "pager" and "storm" in r.attributes["incident"]]
    assert len({p["dedup_key"] for p in pages}) == 1
    assert [p["stage"] for p in pages] == kinds


def test_few_incidents_are_told_as_ever(laptop):
    storm(laptop, ALONE)
    assert len(one_by_one(laptop)) == ALONE
    assert of_storm(laptop) == []
    assert {r["told"] for r in laptop.records()} == {"sent"}


def test_after_a_quiet_quarter_of_an_hour_the_next_incident_is_told_by_itself(laptop):
    def one_more(at):
        at.deliver([alarm_of(99, at.clock.now())])

    storm(laptop, acts=(Act(at_s=60 + 901, do=one_more),))
    assert len(one_by_one(laptop)) == ALONE + 1


def case_of(laptop, stage="first"):
    record = laptop.records()[-1]
    return from_json(Case, json.loads(record[f"case_{stage}"]))


def test_a_repeated_step_counts_once(laptop):
    storm(laptop, 1)
    with laptop.world.behind_the_scenes():
        for _ in range(ALONE + 2):
            assert Storms(laptop.runtime).report(case_of(laptop)) == "sent"


def test_a_ledger_that_cannot_be_reached_holds_no_report_back(laptop):
    storm(laptop, 1)
    case, before = case_of(laptop), len(laptop.reports)
    laptop.world.deny("dynamodb:UpdateItem")
    assert Storms(laptop.runtime).report(case) == "sent"
    assert len(laptop.reports) == before + 2  # the topic of its level and the pager's


def publishing(laptop, refuse):
    """SNS that refuses the messages of which `refuse` says so; all others are taken."""

    def publish(asked):
        if refuse(asked):
            raise AwsError("AuthorizationError", "not authorized to perform: SNS:Publish", 403)
        return {"MessageId": uuid("message", asked["TopicArn"], asked["Message"])}

    laptop.world.fake("sns", {"Publish": publish})


def test_where_the_summary_cannot_be_sent_reports_are_sent_one_by_one_and_the_next_one_tries_again(laptop):
    tried = []

    def first_two(asked):
        tried.append("[STORM]" in asked.get("Subject", ""))
        return tried[-1] and sum(tried) <= 2

    publishing(laptop, first_two)
    storm(laptop)
    assert [r.attributes["stage"] for r in of_storm(laptop)] == ["storm_begins", "storm_over"]
    values = {r["pk"].removeprefix("incident#"): r["told"] for r in laptop.records()}
    assert len(values) == MANY
    assert {i for i, how in values.items() if how == "sent"} <= one_by_one(laptop)


def test_a_summary_whose_sender_died_is_sent_by_the_next_sweep(laptop):
    """The process dies between claiming the message and sending it: a claim is good for ten minutes."""
    limited(laptop)
    storms = Storms(laptop.runtime)
    storm(laptop, 1)
    case = case_of(laptop)
    with laptop.world.behind_the_scenes():
        head = f"storm#{storm_id(1)}"
        table = Table(laptop.runtime)
        now = int(laptop.clock.now().timestamp())
        table.update(head, "SET began = :one, begins_claim = :now", one=1, now=now)
        table.update(
            NOW,
            "SET began = :now, last_at = :now, storm = :s ADD unclosed :all",
            now=now,
            s=storm_id(1),
            all={storm_id(1)},
        )
        table.update(f"{head}#0", "ADD entries :all", all={canonical(e) for e in entries_of(case)})
        assert storms.look() == {}
        table.update(head, "SET begins_claim = :then", then=now - RETOLD_S - 1)
        assert storms.look() == {storm_id(1): "begins"}
        assert storms.look() == {}


def cases(laptop, count):
    """First reports of so many incidents, each in the ledger; nobody was told of any yet."""
    storm(laptop, 1)
    one = case_of(laptop)
    many = [replace(one, incident=replace(one.incident, id=f"i-{n:03}")) for n in range(count)]
    with laptop.world.behind_the_scenes():
        for found in many:
            record = {"pk": f"incident#{found.incident.id}", "incident": canonical(found.incident), "state": "running"}
            Table(laptop.runtime).put(record)
        Table(laptop.runtime).update(NOW, "SET began = :long_ago", long_ago=0)
    return many


def test_of_reports_that_race_exactly_so_many_are_sent_and_one_summary(laptop):
    many = cases(laptop, 40)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(Storms(laptop.runtime).report, many))
    assert found.count("sent") == ALONE
    assert [r.attributes["stage"] for r in of_storm(laptop)] == ["storm_begins"]


def test_a_step_that_died_over_the_summary_sends_it_when_it_is_repeated(laptop):
    *first, last = cases(laptop, ALONE + 1)
    storms = Storms(laptop.runtime)
    assert [storms.report(c) for c in first] == ["sent"] * ALONE

    def dies(asked):
        raise SystemExit

    publishing(laptop, dies)
    with pytest.raises(SystemExit):
        storms.report(last)
    assert of_storm(laptop) == []
    publishing(laptop, lambda _: False)
    assert storms.report(last) == "in summary"
    assert storms.report(last) == "in summary"
    assert [r.attributes["stage"] for r in of_storm(laptop)] == ["storm_begins"]
    assert f"{ALONE + 1} incidents" in read(of_storm(laptop)[0])


def test_a_question_and_a_change_are_told_by_themselves_in_a_storm(laptop):
    *first, last = cases(laptop, ALONE + 2)
    storms = Storms(laptop.runtime)
    assert [storms.report(c) for c in first][-1] == "in summary"
    assert storms.report(last) == "in summary"
    asks = replace(last, stage="ask", approval=Approval(reference=f"{last.incident.id}-12345678", expires_at=last.at))
    assert storms.report(asks) == "sent"
    assert storms.report(replace(last, stage="final")) == "in summary"
    assert storms.report(replace(last, stage="final", note=same("nobody knows whether it was made"))) == "sent"


def test_a_storm_that_was_closed_is_not_told_of_again(stormy):
    assert stormy.again == {}
    assert "unclosed" not in stormy.gate
