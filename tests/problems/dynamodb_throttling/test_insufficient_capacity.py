from dataclasses import replace

import pytest

from remediator.core.plan import Advise, Watch
from remediator.core.settings import Limits, Settings
from remediator.incidents.diagnosis import decide, diagnose
from remediator.problems.dynamodb_throttling.runbook import RUNBOOK
from remediator.resources.dynamodb.model import next_units

from ..ecs_task_restarting.samples import gap
from .samples import INDEX, TABLE_ARN, TARGET_ARN, bounds, evidence, flow, hour, index, minutes, own, table
from .setting import PEAK, SETTING, SHORT, cause_of, decision_on


def limited(**changes):
    return replace(SETTING, settings=Settings(limits=Limits(**changes)))


def test_capacity_that_nobody_else_owns_is_raised_to_cover_the_demand():
    plan = decision_on(evidence(SHORT))
    assert (plan.fix, plan.response) == ("raise_capacity", "auto")
    assert plan.calls[0].parameters == {
        "TableName": "portfolio-users",
        "ProvisionedThroughput": {"ReadCapacityUnits": 10, "WriteCapacityUnits": 9},
    }
    assert (plan.before, plan.after) == ({"WriteCapacityUnits": "5"}, {"WriteCapacityUnits": "9"})
    assert plan.undo[0].parameters["ProvisionedThroughput"] == {"ReadCapacityUnits": 10, "WriteCapacityUnits": 5}
    assert "handed back when calm" in plan.title.en
    assert plan.lease_s == Settings().limits.lease_s > 0


def test_where_nothing_is_lent_the_title_says_who_hands_it_back():
    none = replace(SETTING, settings=Settings(limits=replace(Settings().limits, lease_s=0)))
    plan = decide(RUNBOOK, diagnose(RUNBOOK, evidence(SHORT), none), evidence(SHORT), none)
    assert plan.lease_s == 0
    assert "hand it back with the undo" in plan.title.en


@pytest.mark.parametrize(
    ("current", "demand", "at_most", "units"),
    [
        (5, 5.0, 40_000, 8),
        (5, 50.0, 40_000, 10),
        (1, 0.1, 40_000, 2),
        (100, 1.0, 40_000, 101),
        (100, 90.0, 120, 120),
        (120, 90.0, 120, None),
    ],
)
def test_a_step_covers_the_demand_is_at_most_double_and_at_least_one(current, demand, at_most, units):
    assert next_units(current, demand, at_most) == units


def test_both_directions_are_raised_in_one_call_where_both_are_throttled():
    plan = decision_on(evidence(SHORT, flow("read", provisioned=30), load=(hour("read", usual=8, peak=10), hour())))
    assert set(plan.after) == {"ReadCapacityUnits", "WriteCapacityUnits"}
    assert len(plan.calls) == 1


def test_an_index_that_holds_the_table_back_is_raised_instead_of_the_table():
    plan = decision_on(evidence(flow(provisioned=900), flow(index=INDEX, provisioned=60)))
    assert plan.calls[0].parameters == {
        "TableName": "portfolio-users",
        "GlobalSecondaryIndexUpdates": [
            {
                "Update": {
                    "IndexName": INDEX,
                    "ProvisionedThroughput": {"ReadCapacityUnits": 10, "WriteCapacityUnits": 9},
                }
            }
        ],
    }
    assert plan.before == {f"{INDEX}.WriteCapacityUnits": "5"}
    assert plan.calls[0].arn == TABLE_ARN


def test_an_index_with_a_hot_key_raises_nothing_although_the_table_waits_for_it():
    e = evidence(flow(provisioned=900), flow(index=INDEX, key_range=60))
    assert cause_of(e) == "dynamodb_throttling.hot_key"
    assert getattr(decision_on(e), "fix", "") != "raise_capacity"


def test_reads_of_the_table_do_not_wait_for_an_index():
    plan = decision_on(evidence(flow("read", provisioned=900), flow(index=INDEX, provisioned=60)))
    assert list(plan.after) == ["ReadCapacityUnits"]


def test_where_autoscaling_owns_it_the_bounds_are_raised_and_the_undo_restores_them():
    plan = decision_on(evidence(SHORT, scaling=(bounds(),)))
    assert [c.action for c in plan.calls] == ["application-autoscaling:RegisterScalableTarget"]
    assert plan.calls[0].arn == TARGET_ARN
    assert plan.calls[0].parameters["ScalableDimension"] == "dynamodb:table:WriteCapacityUnits"
    assert (plan.calls[0].parameters["MinCapacity"], plan.calls[0].parameters["MaxCapacity"]) == (9, 9)
    assert (plan.undo[0].parameters["MinCapacity"], plan.undo[0].parameters["MaxCapacity"]) == (5, 8)
    assert plan.before == {"MinCapacity (write)": "5", "MaxCapacity (write)": "8"}


def test_a_roomy_maximum_stays_as_it_is():
    plan = decision_on(evidence(SHORT, scaling=(bounds(maximum=500),)))
    assert plan.calls[0].parameters["MaxCapacity"] == 500


def test_autoscaling_of_an_index_is_raised_under_its_own_name():
    owned = bounds(id=f"table/portfolio-users/index/{INDEX}", index=INDEX)
    plan = decision_on(evidence(flow(index=INDEX, provisioned=60), scaling=(owned,)))
    assert plan.calls[0].parameters["ScalableDimension"] == "dynamodb:index:WriteCapacityUnits"
    assert f"{INDEX}.MinCapacity (write)" in plan.before


def test_autoscaling_of_the_other_direction_does_not_matter_and_is_left_alone():
    plan = decision_on(evidence(SHORT, flow("read", provisioned=30), scaling=(bounds("read", minimum=5, maximum=50),)))
    assert plan.calls[0].action == "dynamodb:UpdateTable"
    assert list(plan.after) == ["WriteCapacityUnits"]


@pytest.mark.parametrize("bad", ["capacity", "burst"])
def test_unknown_ownership_means_no_capacity_write(bad):
    changes = {"load": PEAK} if bad == "burst" else {}
    decision = decision_on(evidence(SHORT, scaling=gap("Denied: no"), **changes))
    assert isinstance(decision, Advise)
    assert "Denied: no" in decision.why.en


@pytest.mark.parametrize("target", [bounds(held=True), bounds(arn="")])
def test_a_target_that_is_held_or_cannot_be_named_exactly_is_told(target):
    assert isinstance(decision_on(evidence(SHORT, scaling=(target,))), Advise)


@pytest.mark.parametrize(
    ("why", "changes", "setting"),
    [
        ("ceiling", {}, limited(capacity_ceiling_units=8)),
        ("cost", {}, limited(cost_ceiling_usd_per_month=1)),
        ("cost under autoscaling", {"scaling": (bounds(),)}, limited(cost_ceiling_usd_per_month=1)),
        ("quotas unknown", {"quotas": gap()}, SETTING),
        ("table class", {"table": table(table_class="STANDARD_INFREQUENT_ACCESS")}, SETTING),
        ("global table", {"table": table(replicas=("us-east-1",))}, SETTING),
        ("no decrease left today", {"table": table(own=own(decreases_today=27))}, SETTING),
    ],
)
def test_a_raise_that_passes_a_limit_or_has_a_doubt_asks(why, changes, setting):
    plan = decision_on(evidence(SHORT, **changes), setting)
    assert plan.response == "ask", why
    assert plan.ask_because


def test_the_cost_is_what_the_added_units_cost_a_month():
    assert decision_on(evidence(SHORT)).cost_per_month_usd == pytest.approx(4 * 730 * 0.000742, abs=0.01)
    copied = decision_on(evidence(SHORT, table=table(replicas=("us-east-1",)))).cost_per_month_usd
    assert copied == pytest.approx(2 * 4 * 730 * 0.000742, abs=0.01)


def test_a_table_at_its_quota_gets_the_quota_request():
    full = evidence(SHORT, table=table(own=own(write=40_000)), load=(hour("read"), hour(usual=40_000, peak=40_000)))
    found = decision_on(full)
    assert isinstance(found, Advise)
    assert "request-service-quota-increase" in found.commands[0]


@pytest.mark.parametrize(
    ("why", "bad", "changes"),
    [
        ("table updating", SHORT, {"table": table(status="UPDATING")}),
        ("index updating", SHORT, {"table": table(indexes=(index(status="UPDATING"),))}),
        ("index being built", SHORT, {"table": table(indexes=(index(status="CREATING"),))}),
        ("one minute only", replace(SHORT, by_cause={"provisioned": minutes(60, range(1, 2))}), {}),
        ("ended ten minutes ago", replace(SHORT, by_cause={"provisioned": minutes(60, range(10, 14))}), {}),
    ],
)
def test_a_busy_table_and_throttling_that_does_not_go_on_are_watched(why, bad, changes):
    assert isinstance(decision_on(evidence(bad, **changes)), Watch), why


@pytest.mark.parametrize("status", ["DELETING", "ARCHIVED"])
def test_a_table_that_is_going_is_told(status):
    found = decision_on(evidence(SHORT, table=table(status=status)))
    assert isinstance(found, Advise)
    assert found.final is (status == "DELETING")


def test_newer_minutes_of_the_same_throttling_give_the_same_plan():
    later = replace(flow(provisioned=75), refused=())
    assert decision_on(evidence(SHORT)).hash == decision_on(evidence(later)).hash
