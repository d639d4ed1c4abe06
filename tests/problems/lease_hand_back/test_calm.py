from remediator.core.lease import Loan
from remediator.core.plan import Plan
from remediator.problems.lease_hand_back.loan import current_values
from remediator.problems.lease_hand_back.model import BorrowedState
from remediator.resources.ecs.scaling import CountOwner

from ..dynamodb_throttling.samples import INDEX, TARGET_ARN, bounds, index, own, table
from .setting import CALM, TAGS, UNITS, asked, cause, decision, loan, of_service, of_table, used


def test_what_is_no_longer_used_takes_one_step_back():
    evidence = of_table()
    assert cause(evidence) == CALM
    plan = decision(evidence)
    assert isinstance(plan, Plan)
    assert plan.calls[0].parameters["ProvisionedThroughput"] == {"ReadCapacityUnits": 15, "WriteCapacityUnits": 5}
    assert (plan.before, plan.after) == ({UNITS: "20"}, {UNITS: "15"})
    assert plan.undo[0].parameters["ProvisionedThroughput"]["ReadCapacityUnits"] == 20
    assert plan.worse is not None
    assert plan.lease_s > 0
    assert plan.response == "auto"


def test_the_last_step_lends_nothing():
    evidence = of_table(loan=loan(stands=12), held=BorrowedState(table=table(own=own(read=12)), tags=TAGS))
    plan = decision(evidence)
    assert plan.after == {UNITS: "10"}
    assert plan.lease_s == 0


def test_the_pre_image_of_a_step_is_what_stands():
    evidence = of_table()
    plan = decision(evidence)
    assert all(current_values(evidence)[name] == value for name, value in plan.before.items())


def test_what_somebody_set_of_the_other_direction_stays():
    evidence = of_table(held=BorrowedState(table=table(own=own(read=20, write=9)), tags=TAGS))
    assert decision(evidence).calls[0].parameters["ProvisionedThroughput"]["WriteCapacityUnits"] == 9


def test_an_index_takes_its_step_alone():
    name = f"{INDEX}.WriteCapacityUnits"
    evidence = of_table(
        loan=loan(name, 5, 10),
        held=BorrowedState(table=table(indexes=(index(write=10),)), tags=TAGS),
        usage=used(asked()),
    )
    (update,) = decision(evidence).calls[0].parameters["GlobalSecondaryIndexUpdates"]
    assert update["Update"]["IndexName"] == INDEX
    assert update["Update"]["ProvisionedThroughput"] == {"ReadCapacityUnits": 10, "WriteCapacityUnits": 7}


def test_bounds_go_back_and_the_units_are_not_touched():
    low, high = "MinCapacity (read)", "MaxCapacity (read)"
    lent = Loan(incident="l", was={low: 5, high: 10}, lent={low: 20, high: 20}, stands=({low: 20, high: 20},))
    scaling = (bounds("read", minimum=20, maximum=20),)
    evidence = of_table(loan=lent, held=BorrowedState(table=table(own=own(read=20)), scaling=scaling, tags=TAGS))
    (call,) = decision(evidence).calls
    assert call.action == "application-autoscaling:RegisterScalableTarget"
    assert (call.parameters["MinCapacity"], call.parameters["MaxCapacity"]) == (12, 15)
    assert call.arn == TARGET_ARN


def test_an_on_demand_maximum_goes_back():
    name = "MaxReadRequestUnits"
    on_demand = table(billing="PAY_PER_REQUEST", own=own(read=0, write=0, max_read=200, max_write=50))
    evidence = of_table(loan=loan(name, 100, 200), held=BorrowedState(table=on_demand, tags=TAGS))
    found = decision(evidence).calls[0].parameters["OnDemandThroughput"]
    assert found == {"MaxReadRequestUnits": 150, "MaxWriteRequestUnits": 50}


def test_a_count_goes_back_where_fewer_tasks_would_do():
    evidence = of_service()
    assert cause(evidence) == CALM
    assert decision(evidence).calls[0].parameters["desiredCount"] == 2


def test_where_autoscaling_owns_the_count_its_minimum_goes_back():
    owner = CountOwner(arn=TARGET_ARN, minimum=3, maximum=6)
    evidence = of_service(lent=loan("MinCapacity", 2, 3), owner=owner)
    (call,) = decision(evidence).calls
    assert (call.parameters["MinCapacity"], call.arn) == (2, TARGET_ARN)
    assert "MaxCapacity" not in call.parameters
