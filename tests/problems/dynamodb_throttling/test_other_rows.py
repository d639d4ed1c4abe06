from dataclasses import replace

import pytest

from remediator.core.plan import Advise, Watch
from remediator.core.timestamps import after

from ...samples import NOW
from ..ecs_task_restarting.samples import gap
from .samples import INDEX, evidence, flow, on_demand, table
from .setting import BURST, PEAK, cause_of, decision_on


def test_a_burst_asks_to_switch_to_on_demand_and_its_undo_restores_every_old_number():
    plan = decision_on(BURST)
    assert (plan.fix, plan.response) == ("switch_to_on_demand", "ask")
    assert plan.calls[0].parameters == {"TableName": "portfolio-users", "BillingMode": "PAY_PER_REQUEST"}
    back = plan.undo[0].parameters
    assert back["BillingMode"] == "PROVISIONED"
    assert back["ProvisionedThroughput"] == {"ReadCapacityUnits": 10, "WriteCapacityUnits": 5}
    assert [u["Update"]["IndexName"] for u in back["GlobalSecondaryIndexUpdates"]] == [INDEX]


@pytest.mark.parametrize(("hours_ago", "said"), [(3, True), (25, False), (None, False)])
def test_a_switch_within_the_last_day_is_said_with_what_aws_does_not_tell_of_the_four_it_allows(hours_ago, said):
    since = "" if hours_ago is None else after(NOW, -3600 * hours_ago)
    plan = decision_on(replace(BURST, table=evidence(table=table(on_demand_since=since)).table))
    because = plan.ask_because
    assert ("four in 24 hours" in because.en) is said
    assert ("how many are left could not be checked" in because.en) is said
    assert ("残り回数を確認できません" in because.ja) is said


def test_a_reached_on_demand_maximum_asks_to_double_it_and_keeps_the_other():
    plan = decision_on(evidence(flow(max_on_demand=60), table=on_demand(max_write=10, max_read=20)))
    assert (plan.fix, plan.response) == ("raise_on_demand_maximum", "ask")
    assert plan.calls[0].parameters["OnDemandThroughput"] == {"MaxReadRequestUnits": 20, "MaxWriteRequestUnits": 20}
    assert plan.undo[0].parameters["OnDemandThroughput"] == {"MaxReadRequestUnits": 20, "MaxWriteRequestUnits": 10}
    assert plan.after == {"MaxWriteRequestUnits": "20"}


@pytest.mark.parametrize("table_now", [on_demand(), on_demand(max_write=40_000)])
def test_a_maximum_that_is_gone_or_at_the_quota_is_told(table_now):
    assert isinstance(decision_on(evidence(flow(max_on_demand=60), table=table_now)), Advise)


@pytest.mark.parametrize(
    ("table_now", "code", "wanted"), [(on_demand(), "L-AB614373", 80_000), (table(), "L-34F8CCC8", 160_000)]
)
def test_an_account_limit_is_told_with_its_quota_request(table_now, code, wanted):
    found = decision_on(evidence(flow(account_limit=60), table=table_now))
    assert isinstance(found, Advise)
    assert f"--quota-code {code} --desired-value {wanted}" in found.commands[0]


def test_a_quota_that_could_not_be_read_is_told_with_the_command_that_lists_it():
    found = decision_on(evidence(flow(account_limit=60), quotas=gap()))
    assert found.commands == ("aws service-quotas list-service-quotas --service-code dynamodb",)


@pytest.mark.parametrize(
    "e",
    [
        evidence(flow(provisioned=600), load=PEAK, table=table(status="UPDATING")),
        evidence(flow(max_on_demand=60), table=replace(on_demand(max_write=10), status="UPDATING")),
    ],
)
def test_a_person_is_not_asked_while_aws_changes_the_table(e):
    assert isinstance(decision_on(e), Watch)


def test_an_index_that_vanished_between_event_and_read_changes_nothing():
    e = evidence(flow(index=INDEX, provisioned=60), table=table(indexes=()))
    assert cause_of(e) is None
    assert isinstance(decision_on(e), Advise)
