from remediator.core.plan import Advise, HandOver

from .samples import evidence, table, times, zones
from .setting import decision


def test_a_table_that_throttles_is_handed_over():
    found = decision(evidence(times=times(4), tables=(table(refused=10),)))
    assert isinstance(found, HandOver)
    assert (found.runbook, found.resource.kind, found.resource.name) == (
        "dynamodb_throttling",
        "table",
        "portfolio-users",
    )


def test_a_table_that_is_only_slow_is_told():
    found = decision(evidence(times=times(4), tables=(table(slow_ms=120.0),)))
    assert isinstance(found, Advise)
    assert "portfolio-users" in found.commands[0]


def test_the_network_is_never_changed():
    assert isinstance(decision(evidence(times=times(4, zones=zones(a=45.0, c=270.0)))), Advise)
