"""A change that was not needed, end to end: no strike and no success, but it was a write and the resource rests."""

import pytest

from sandbox.laptop import Laptop
from sandbox.scenarios import by_name


@pytest.fixture(scope="module")
def ended():
    with Laptop() as laptop:
        by_name("calm-before-the-raise").play(laptop)
        with laptop.world.behind_the_scenes():
            yield laptop


def test_the_loop_breaker_keeps_no_attempt_of_it_and_the_resource_rests(ended):
    kept = {r["pk"]["S"] for r in _everything(ended)}
    assert not any(pk.startswith("attempts#") for pk in kept)
    assert any(pk.startswith("rest#") for pk in kept)


def test_the_report_gives_both_moments_and_the_undo(ended):
    mail = [r.mail for r in ended.reports if r.level != "pager"][-1]
    text = " ".join(mail.split())
    assert text.startswith("RECOVERED")
    assert "the symptom was over at: 2026-11-23 03:05 UTC" in text
    assert "the change took effect only at: 2026-11-23 03:10 UTC" in text
    assert "The change stands although it was not needed" in text
    assert "remediator undo " in text


def _everything(laptop):
    table = laptop.runtime.environment.ledger_table
    return laptop.world.client("dynamodb").scan(TableName=table)["Items"]
