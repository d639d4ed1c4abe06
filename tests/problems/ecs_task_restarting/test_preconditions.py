from dataclasses import replace

import pytest

from remediator.core.plan import Advise, Watch

from .samples import crash, evidence, gap, stop, unhealthy
from .setting import OOM_LOOP, decision_on


@pytest.mark.parametrize("one", [stop(1), crash(1), unhealthy(1)])
def test_one_stop_alone_is_watched_not_mended(one):
    assert isinstance(decision_on(evidence(one)), Watch)


@pytest.mark.parametrize("minutes", [40, 50])
def test_stops_that_have_ended_are_watched_not_mended(minutes):
    assert isinstance(decision_on(evidence(stop(minutes), stop(minutes + 3))), Watch)


def test_a_one_off_task_is_told():
    one_off = tuple(replace(s, group="family:portfolio-api") for s in OOM_LOOP)
    assert isinstance(decision_on(evidence(*one_off, service=gap("no service owns it"))), Advise)
