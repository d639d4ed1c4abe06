from dataclasses import replace

import pytest

from remediator.core.model import Advise, Change, Plan, Resource, Signal, Verdict, Watch
from remediator.core.runbook import Setting, VerificationContext
from remediator.core.serialization import from_json, to_json
from remediator.core.settings import Limits, Settings
from remediator.core.timestamps import after
from remediator.incidents.apply_result import undo_plan
from remediator.incidents.assessment import was_applied
from remediator.incidents.diagnosis import decide, diagnose
from remediator.problems.dynamodb_throttling import RUNBOOK
from remediator.problems.dynamodb_throttling.evidence import Evidence
from remediator.resources.dynamodb.model import THROTTLE_METRICS, Insights, Minute, next_units
from remediator.resources.iam.session_policy import LIMIT_CHARS, session_policy
from tests.fakes import checked, operation
from tests.runbooks.evidence_of_restarts import gap
from tests.runbooks.evidence_of_throttling import (
    INDEX,
    TABLE_ARN,
    TARGET_ARN,
    bounds,
    evidence,
    flow,
    hour,
    index,
    minutes,
    on_demand,
    outcome,
    own,
    raised,
    table,
)
from tests.samples import NOW

SETTING = Setting(now=NOW, settings=Settings(), opened_at=NOW)
SHORT = flow(provisioned=60)
PEAK = (hour("read"), hour(usual=1, peak=25, refused=600))


def cause_of(e):
    return diagnose(RUNBOOK, e, SETTING).cause


def decision_on(e, setting=SETTING):
    return decide(RUNBOOK, diagnose(RUNBOOK, e, setting), e, setting)


def limited(**changes):
    return replace(SETTING, settings=Settings(limits=Limits(**changes)))


# -- trigger -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("namespace", "metric", "taken"),
    [
        *(("AWS/DynamoDB", metric, True) for metric in THROTTLE_METRICS),
        ("AWS/DynamoDB", "SuccessfulRequestLatency", False),
        ("AWS/DynamoDB", "UserErrors", False),
        ("AWS/Kinesis", "ReadThrottleEvents", False),
    ],
)
def test_an_alarm_on_a_throttle_metric_starts_it_and_no_other(namespace, metric, taken):
    facts = {"namespace": namespace, "metric": metric}
    signal = Signal(kind="alarm", resource=Resource("table", TABLE_ARN), level="medium", at=NOW, key="k", facts=facts)
    assert RUNBOOK.triggers[0].accepts(signal) is taken


def test_the_eight_causes_the_two_totals_and_the_requests_are_watched():
    assert len(THROTTLE_METRICS) == 11
    assert "WriteMaxOnDemandThroughputThrottleEvents" in THROTTLE_METRICS
    assert "ReadAccountLimitThrottleEvents" in THROTTLE_METRICS


# -- causes: the guide's rows ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "changes", "cause"),
    [
        (flow(provisioned=60), {}, "dynamodb_throttling.insufficient_capacity"),
        (flow("read", provisioned=60), {}, "dynamodb_throttling.insufficient_capacity"),
        (flow(index=INDEX, provisioned=60), {}, "dynamodb_throttling.insufficient_capacity"),
        (flow(key_range=60), {}, "dynamodb_throttling.hot_key"),
        (flow(key_range=60, provisioned=5), {}, "dynamodb_throttling.hot_key"),
        (flow(key_range=60, provisioned=60), {}, "dynamodb_throttling.hot_key"),
        (flow(provisioned=600), {"load": PEAK}, "dynamodb_throttling.burst_traffic"),
        (flow(max_on_demand=60), {"table": on_demand(max_write=10)}, "dynamodb_throttling.on_demand_maximum"),
        (flow(account_limit=60), {"table": on_demand()}, "dynamodb_throttling.account_limit"),
        (flow(), {}, None),
    ],
)
def test_the_throttle_cause_metrics_name_the_row_of_the_guide(bad, changes, cause):
    assert cause_of(evidence(bad, **changes)) == cause


@pytest.mark.parametrize(
    ("why", "load", "burst"),
    [
        ("steady and short: the hour is like its peak", hour(usual=5, peak=5, refused=600), False),
        ("a retry storm repeats few requests", hour(usual=1, peak=5, refused=800), False),
        ("served by saved-up capacity, far beyond one step", hour(usual=1, peak=25, refused=60), True),
        ("refused beyond what retries explain", hour(usual=2, peak=5, refused=9000), True),
        ("the hour has long been like that: capacity was lowered", hour(usual=20, peak=25, refused=600), False),
        ("twice as much is one step, however calm the hour", hour(usual=1, peak=9, refused=60), False),
    ],
)
def test_a_burst_is_told_from_capacity_that_is_short(why, load, burst):
    row = "burst_traffic" if burst else "insufficient_capacity"
    assert cause_of(evidence(SHORT, load=(hour("read"), load))) == f"dynamodb_throttling.{row}", why


def test_an_hour_with_gaps_counts_idle_minutes_as_idle():
    once_an_hour = hour(usual=0, peak=25, refused=600)
    assert (once_an_hour.datapoints, once_an_hour.median_per_s) == (5, 0)
    assert cause_of(evidence(SHORT, load=(hour("read"), once_an_hour))) == "dynamodb_throttling.burst_traffic"


@pytest.mark.parametrize(
    ("why", "changes"),
    [
        ("throttles unreadable", {"throttles": gap()}),
        ("other indexes unreadable", {"other_throttles": gap()}),
        ("load unreadable", {"load": gap()}),
        ("load without a datapoint", {"load": (hour("read"),)}),
        ("table gone", {"table": gap("NotFound: no such table")}),
    ],
)
def test_what_could_not_be_read_leaves_capacity_open_and_changes_nothing(why, changes):
    diagnosis = diagnose(RUNBOOK, evidence(SHORT, **changes), SETTING)
    open_rows = {o.cause for o in diagnosis.unchecked}
    assert "dynamodb_throttling.insufficient_capacity" in open_rows, why
    assert isinstance(decision_on(evidence(SHORT, **changes)), Advise)


def test_throttling_without_a_cause_metric_is_open_and_not_ruled_out():
    nameless = replace(flow(), refused=minutes(60, range(1, 6)))
    diagnosis = diagnose(RUNBOOK, evidence(nameless), SETTING)
    assert diagnosis.held == diagnosis.ruled_out == ()
    assert len(diagnosis.unchecked) == 5
    assert "no metric that says why" in diagnosis.unchecked[0].why


def test_what_is_certain_holds_although_another_reading_failed():
    assert cause_of(evidence(flow(key_range=60), other_throttles=gap())) == "dynamodb_throttling.hot_key"


def test_a_table_that_went_on_demand_meanwhile_is_not_short_of_units():
    diagnosis = diagnose(RUNBOOK, evidence(SHORT, table=on_demand()), SETTING)
    assert diagnosis.cause is None


def test_every_fact_says_where_and_when_it_was_read():
    for bad in (SHORT, flow(key_range=9), flow(max_on_demand=9), flow(account_limit=9)):
        for held in diagnose(RUNBOOK, evidence(bad), SETTING).held:
            assert held.facts
            assert all(f.source and f.at for f in held.facts)


# -- capacity ----------------------------------------------------------------------------------------------------------


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


# -- hot key -----------------------------------------------------------------------------------------------------------

HOT = evidence(flow(key_range=60))


def test_a_hot_key_asks_to_watch_throttled_keys_and_never_raises_capacity():
    plan = decision_on(HOT)
    assert (plan.fix, plan.response) == ("watch_throttled_keys", "ask")
    assert plan.calls[0].parameters == {
        "TableName": "portfolio-users",
        "ContributorInsightsAction": "ENABLE",
        "ContributorInsightsMode": "THROTTLED_KEYS",
    }
    assert plan.undo[0].parameters["ContributorInsightsAction"] == "DISABLE"


def test_where_keys_are_watched_already_the_command_that_shows_them_is_told():
    rules = tuple(f"DynamoDBContributorInsights-{kind}-portfolio-users-1" for kind in ("PKC", "PKT", "SKT"))
    found = decision_on(replace(HOT, insights=evidence(insights=(Insights(status="ENABLED", rules=rules),)).insights))
    assert isinstance(found, Advise)
    assert len(found.commands) == 2
    assert "PKT" in found.commands[0]


@pytest.mark.parametrize("status", [gap(), ()])
def test_insights_of_unknown_state_are_not_touched(status):
    assert isinstance(decision_on(evidence(flow(key_range=60), insights=status)), Advise)


def test_a_hot_key_of_an_index_is_watched_on_the_index():
    plan = decision_on(evidence(flow(index=INDEX, key_range=60), insights=(Insights(), Insights(index=INDEX))))
    assert plan.calls[0].parameters["IndexName"] == INDEX
    assert plan.calls[0].also[0].arn == f"{TABLE_ARN}/index/{INDEX}"


# -- burst, on-demand maximum, account limit ---------------------------------------------------------------------------

BURST = evidence(flow(provisioned=600), load=PEAK)


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


# -- every plan --------------------------------------------------------------------------------------------------------

PLANS = {
    "raise_units": evidence(SHORT),
    "raise_index": evidence(flow(index=INDEX, provisioned=60)),
    "raise_bounds": evidence(SHORT, scaling=(bounds(),)),
    "watch_keys": HOT,
    "watch_keys_of_index": evidence(flow(index=INDEX, key_range=60), insights=(Insights(index=INDEX),)),
    "on_demand": BURST,
    "maximum": evidence(flow(max_on_demand=60), table=on_demand(max_write=10)),
    "maximum_of_index": evidence(flow(index=INDEX, max_on_demand=60), table=on_demand(max_write=10)),
}


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_is_spelled_as_aws_does_fits_a_session_policy_and_states_its_undo(name):
    plan = decision_on(PLANS[name])
    assert isinstance(plan, Plan)
    for call in (*plan.calls, *plan.undo):
        checked(operation(call.action).input_shape, call.parameters, call.action)
    assert len(session_policy(plan.calls)) <= LIMIT_CHARS
    assert plan.undo
    assert plan.cause == cause_of(PLANS[name])
    assert undo_plan({"change": _stored(plan)}).calls == plan.undo


def _stored(plan):
    import json

    return json.dumps(to_json(Change(plan=plan, applied_at=NOW)))


@pytest.mark.parametrize("name", PLANS)
def test_whether_a_lost_write_was_made_is_told_by_the_pre_image(name):
    e = PLANS[name]
    plan = decision_on(e)
    now = dict(RUNBOOK.current_values(e))
    assert was_applied(plan, now) is False
    assert was_applied(plan, {**now, **plan.after}) is True


def test_a_lost_write_shows_while_aws_still_applies_it():
    plan, going = decision_on(evidence(SHORT)), evidence(table=table(status="UPDATING"))
    assert was_applied(plan, RUNBOOK.current_values(going)) is True


@pytest.mark.parametrize("name", PLANS)
def test_stored_evidence_gives_the_same_plan_again(name):
    again = from_json(Evidence, to_json(PLANS[name]))
    assert decision_on(again).hash == decision_on(PLANS[name]).hash


# -- proof -------------------------------------------------------------------------------------------------------------

BEFORE = evidence(SHORT)


def judged(after_, e=BEFORE, minutes_later=8, changed=True):
    change = Change(plan=decision_on(e), applied_at=NOW) if changed else None
    return RUNBOOK.judge(
        after_, VerificationContext(before=e, change=change, now=after(NOW, 60 * minutes_later), since=NOW)
    )


def since(per_minute, of):
    return tuple(Minute(after(NOW, 60 * n), per_minute) for n in of)


def later(served=300.0, until=8, bad=(), cause="provisioned", direction="write", index_name=""):
    refused = since(60, bad)
    return replace(
        flow(direction, index_name),
        consumed=since(served, range(until)),
        refused=refused,
        by_cause={cause: refused},
    )


def test_fixed_needs_five_minutes_of_served_traffic_without_throttling():
    assert judged(outcome(later(until=4)), minutes_later=4).verdict is None
    assert judged(outcome(later())).verdict is Verdict.FIXED


def test_a_minute_that_still_runs_is_not_counted_to_its_end():
    assert judged(outcome(later(until=5)), minutes_later=4.5).verdict is None


@pytest.mark.parametrize(
    ("why", "told"),
    [
        ("no datapoint of traffic", later(until=0)),
        ("datapoints of nothing", later(served=0.0)),
        ("traffic of the other direction only", later(direction="read")),
        ("CloudWatch is late", later(until=3)),
    ],
)
def test_no_throttle_metric_proves_nothing_without_traffic(why, found):
    judgement = judged(outcome(found))
    assert judgement.verdict is None, why
    assert not judgement.persists


def test_the_five_minutes_begin_once_aws_has_raised_the_capacity():
    raised_late = raised(increased_at=after(NOW, 240))
    assert judged(outcome(later(), table=raised_late)).verdict is None
    assert judged(outcome(later(until=10, bad=range(4)), table=raised_late), minutes_later=10).verdict is Verdict.FIXED


def test_of_autoscaling_the_units_count_and_not_the_bounds():
    owned = evidence(SHORT, scaling=(bounds(),))
    assert "MinCapacity (write)" in decision_on(owned).after
    assert judged(outcome(later(), table=table()), owned).verdict is Verdict.RECOVERED_WITHOUT_US
    assert judged(outcome(later()), owned).verdict is Verdict.FIXED


@pytest.mark.parametrize("busy", [table(status="UPDATING"), table(indexes=(index(status="UPDATING"),))])
def test_nothing_is_judged_while_aws_still_changes_the_table(busy):
    assert judged(outcome(later(), table=busy)).verdict is None
    assert judged(outcome(later(until=14, bad=range(14)), table=busy), minutes_later=14).verdict is None


def test_throttling_right_after_the_change_restarts_the_clock():
    assert judged(outcome(later(bad=range(5)))).verdict is None
    assert judged(outcome(later(until=11, bad=range(5))), minutes_later=11).verdict is Verdict.FIXED


def test_throttling_that_goes_on_ten_minutes_later_is_not_fixed():
    judgement = judged(outcome(later(until=12, bad=range(12))), minutes_later=12)
    assert (judgement.verdict, judgement.persists) == (Verdict.NOT_FIXED, True)


def test_throttling_of_another_kind_is_neither_fixed_nor_this_changes_failure():
    judgement = judged(outcome(later(until=12, bad=range(12), cause="key_range")), minutes_later=12)
    assert judgement.verdict is None


def test_throttling_of_another_index_is_no_pass():
    of_index = later(bad=range(3, 8), index_name=INDEX)
    assert judged(outcome(later(), other_throttles=(of_index,))).verdict is None


def test_recovery_without_a_change_is_not_claimed():
    assert judged(outcome(later()), changed=False).verdict is Verdict.RECOVERED_WITHOUT_US


# -- the situation -----------------------------------------------------------------------------------------------------


def test_the_report_says_since_when_how_much_and_what_there_is():
    values = {f.label.en: f.value for f in RUNBOOK.situation(evidence(SHORT, scaling=(bounds(),)))}
    assert values["since"] == after(NOW, -300)
    assert values["users: throttled requests a minute"] == "60"
    assert values["table, write: peak units a second / provisioned"] == "5.0 / 5"
    assert values["autoscaling owns: table write"] == "5-8"


def test_the_report_says_what_it_can_where_nothing_could_be_read():
    assert RUNBOOK.situation(Evidence()) == ()
    assert RUNBOOK.stack(Evidence()) is None


@pytest.mark.parametrize(("tags", "mode"), [({"auto-remediation": "approve"}, "approve"), ({}, None)])
def test_the_opt_in_is_the_tag_of_the_table(tags, mode):
    assert RUNBOOK.opt_in_tag(evidence(tags=tags)) == mode
