"""What fails is told or kept: a report that cannot be sent, an execution that dies, a ledger that cannot be reached."""

import json
from types import SimpleNamespace

import pytest

from remediator.core.errors import Retryable
from remediator.core.timestamps import after
from remediator.handlers import intake
from remediator.ledger.incident_status import DIED_REST_S
from remediator.ledger.table import Table, put_step
from sandbox import applications as programs
from sandbox.laptop import Act, Laptop
from sandbox.outcome import ended
from sandbox.wire import AwsError

STATUS_CHANGE = "Durable Execution Status Change"


@pytest.fixture
def laptop():
    with Laptop() as opened:
        yield opened


def leak(laptop):
    laptop.world.run_service()
    laptop.world.fall_ill(programs.LEAKS)


def refused(times, code="InternalError"):
    """SNS answers so often with an error; then with ids."""
    count = iter(range(times))

    def publish(asked):
        if next(count, None) is not None:
            raise AwsError(code, "not now", 500)
        return {"MessageId": "0f7f4f0e-1111-4222-8333-444455556666"}

    return publish


def test_a_report_that_cannot_be_sent_at_first_is_sent_by_the_steps_next_try(laptop):
    laptop.world.fake("sns", {"Publish": refused(3)})  # as often as one call asks
    leak(laptop)
    laptop.run()
    assert ended(laptop).verdict == "fixed"
    assert len([w for w in laptop.world.writes if w.operation == "UpdateService"]) == 1
    assert [r.attributes["stage"] for r in laptop.reports if r.level != "pager"] == ["first", "final"]


def mute_for(laptop, minutes, lasts):
    """SNS takes nothing from the program for so many minutes; it goes on for `lasts`."""
    laptop.world.deny("sns:Publish")
    leak(laptop)
    laptop.run((Act(at_s=60 * minutes, do=lambda at: at.world.allow("sns:Publish")),), lasts_s=60 * lasts)


def test_a_report_that_cannot_be_sent_at_all_fails_the_execution_which_lambda_tells_of(laptop):
    mute_for(laptop, 10, 10)
    (record,) = laptop.records()
    assert (record["state"], record["verdict"], record["ended_as"]) == ("closed", "abandoned", "failed")
    assert laptop.world.writes == ()  # nobody was told, so nothing was changed
    (event,) = [e for e in laptop.world.events if e["detail-type"] == STATUS_CHANGE]
    assert event["detail"]["status"] == "FAILED"
    assert event["detail"]["durableExecutionName"] == record["pk"].removeprefix("incident#")


def test_an_incident_whose_execution_died_does_not_swallow_what_is_signalled_a_quarter_of_an_hour_later(laptop):
    mute_for(laptop, 10, 25)
    dead, *later = laptop.records()
    assert dead["ended_as"] == "failed"
    assert [r["verdict"] for r in later] == ["fixed"]
    assert later[0]["opened_at"] >= after(dead["closed_at"], DIED_REST_S)


def test_a_change_whose_execution_died_counts_as_a_strike(laptop):
    leak(laptop)
    laptop.run((Act(at_s=200, do=lambda at: at.world.deny("sns:Publish")),), lasts_s=30 * 60)
    (record, *_) = laptop.records()
    assert (record["change_state"], record["verdict"]) == ("applied", "abandoned")
    with laptop.world.behind_the_scenes():
        (item,) = Table(laptop.runtime).beginning_with("attempts#")
    incident = record["pk"].removeprefix("incident#")
    assert [found.split(" ")[1:] for found in item["attempts"]] == [["abandoned", incident]]


@pytest.mark.parametrize("status", ["SUCCEEDED", "RUNNING"])
def test_an_execution_that_runs_or_ended_well_is_nothing_to_act_on(laptop, status):
    event = {"source": "aws.lambda", "detail-type": STATUS_CHANGE, "detail": {"status": status}}
    (found,) = intake.handle(event, SimpleNamespace())
    assert found == {"ignored": f"a durable execution is {status}"}


def test_an_execution_of_another_function_closes_nothing(laptop):
    detail = {
        "status": "FAILED",
        "functionArn": "arn:aws:lambda:ap-northeast-1:123456789012:function:somebody-elses:7",
        "durableExecutionName": "order-123",
    }
    (found,) = intake.handle(
        {"source": "aws.lambda", "detail-type": STATUS_CHANGE, "detail": detail}, SimpleNamespace()
    )
    assert "is not ours" in found["ignored"]


def without_ledger(laptop, refused):
    """DynamoDB cannot be reached for those requests of which `refused` says so."""
    ask = laptop.world.refuse

    def refuse(request):
        if request.service == "dynamodb" and refused(request):
            return AwsError("InternalServerError", "the table cannot be reached", 500)
        return ask(request)

    laptop.world.refuse = refuse


def test_without_a_ledger_nothing_is_written_and_the_report_says_so(laptop):
    """The right to change is taken in the ledger; where that cannot be reached there is no change."""
    without_ledger(laptop, lambda request: "lock#" in json.dumps(request.parameters, default=str))
    leak(laptop)
    laptop.run()
    assert laptop.world.writes == ()
    assert ended(laptop).refusal == "change_limits"
    mails = [" ".join(r.mail.split()) for r in laptop.reports if r.level != "pager"]
    assert any("the ledger cannot be reached" in mail for mail in mails)


def test_without_any_ledger_events_wait_in_the_queue_and_then_in_the_dead_letter_queue(laptop):
    without_ledger(laptop, lambda _: True)
    leak(laptop)
    laptop.run(lasts_s=900)
    assert laptop.dead_letters
    assert laptop.world.writes == ()
    assert not laptop.durable.names


def test_a_ledger_that_is_lost_on_the_way_ends_the_execution_without_a_change(laptop):
    without_ledger(laptop, lambda _: any(r.operation == "Publish" for r in laptop.world.requests))
    leak(laptop)
    laptop.run(lasts_s=900)
    assert laptop.world.writes == ()
    assert [e["detail"]["status"] for e in laptop.world.events if e["detail-type"] == STATUS_CHANGE] == ["FAILED"]


def test_an_execution_that_lambda_did_not_take_is_started_by_the_next_delivery(laptop):
    take, answers = laptop.world.fakes[("lambda", "Invoke")], iter([200])
    laptop.world.fake("lambda", {"Invoke": lambda asked: {"StatusCode": s} if (s := next(answers, 0)) else take(asked)})
    leak(laptop)
    laptop.run()
    assert laptop.dead_letters == []
    assert ended(laptop).verdict == "fixed"


def test_a_transaction_that_is_answered_with_nothing_is_not_taken_for_made(laptop):
    laptop.world.fake("dynamodb", {"TransactWriteItems": lambda _: {}})
    table = Table(laptop.runtime)
    with pytest.raises(Retryable, match="answered with nothing"):
        table.transact(put_step({"pk": "a"}))
