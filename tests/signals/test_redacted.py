"""What an event says of itself goes into the ledger: without its secrets, with all that a diagnosis needs."""

import json

import pytest

from remediator.core.model import Signal
from remediator.events import parse, parse_body
from tests.corpus import event, files

SECRET = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"
STOPPED = next(
    f for f in files() if any(isinstance(p, Signal) and p.kind == "ecs_task_stopped" for p in parse(event(f)))
)


@pytest.mark.parametrize("read", [parse, lambda raw: parse_body(json.dumps(raw))])
def test_a_secret_in_a_stop_reason_is_not_kept(read):
    raw = event(STOPPED)
    raw["detail"]["stoppedReason"] = f"Essential container exited, token={SECRET} {SECRET}"
    (signal,) = read(raw)
    assert SECRET not in repr(signal)
    assert "Essential container exited" in repr(signal)


@pytest.mark.parametrize("file", files())
def test_no_real_event_loses_anything(file):
    assert "[redacted]" not in repr(parse(event(file)))
