from dataclasses import replace

import pytest

from remediator.core.model import Verdict
from remediator.core.plan import Change
from remediator.core.runbook import VerificationContext
from remediator.core.timestamps import after
from remediator.problems.ecs_task_restarting.runbook import RUNBOOK
from remediator.resources.endpoint import Endpoint
from remediator.resources.load_balancing.model import Traffic

from ...samples import DEFINITION, NOW
from .samples import deployment, evidence, outcome, service, stop, target_group
from .setting import HEALTH_LOOP, OOM_LOOP, decision_on


def judged(after_, e, change=None, minutes=0.0):
    since = change.applied_at if change else NOW
    return RUNBOOK.judge(
        after_, VerificationContext(before=e, change=change, now=after(NOW, 60 * minutes), since=since)
    )


def changed(e):
    return Change(plan=decision_on(e), applied_at=NOW)


MEMORY = evidence(*OOM_LOOP)


NEW = f"{DEFINITION}:43"


MOVED = service(task_definition=NEW)


def test_fixed_needs_twice_the_observed_time_between_kills():
    assert judged(outcome(service=MOVED), MEMORY, changed(MEMORY), minutes=5).verdict is None
    assert judged(outcome(service=MOVED), MEMORY, changed(MEMORY), minutes=7).verdict is Verdict.FIXED


def test_a_kill_of_the_new_revision_is_not_fixed():
    killed = stop(-3, lived_s=60, task_definition=NEW)
    assert judged(outcome(killed, service=MOVED), MEMORY, changed(MEMORY), minutes=4).verdict is Verdict.NOT_FIXED


def test_a_kill_of_an_old_task_does_not_speak_against_the_change():
    old = stop(-3, lived_s=600)
    assert judged(outcome(old, service=MOVED), MEMORY, changed(MEMORY), minutes=20).verdict is Verdict.FIXED


@pytest.mark.parametrize(
    ("why", "changes"),
    [
        ("tasks missing", {"service": replace(MOVED, running=1)}),
        ("roll-out going on", {"service": replace(MOVED, deployments=(deployment(rollout="IN_PROGRESS"),))}),
        ("unhealthy target", {"target_groups": (target_group("healthy", "unhealthy"),)}),
        ("no target", {"target_groups": (replace(target_group(), targets=()),)}),
        ("endpoint fails", {"endpoint": Endpoint(url="http://x/health", status=503)}),
        ("scaled to zero", {"service": replace(MOVED, desired=0, running=0)}),
    ],
)
def test_quiet_alone_is_not_a_pass(why, changes):
    found = judged(outcome(**{"service": MOVED, **changes}), MEMORY, changed(MEMORY), minutes=20)
    assert found.verdict is None, why
    assert found.persists


def test_recovery_without_a_change_is_not_claimed():
    assert judged(outcome(stop(5)), MEMORY, minutes=20).verdict is Verdict.RECOVERED_WITHOUT_US


GRACE = evidence(*HEALTH_LOOP)


def test_a_longer_grace_period_that_raises_the_error_share_is_worse():
    bad = Traffic(window_s=900, requests=1000, recent_requests=1000, recent_failed=100)
    found = judged(outcome(traffic=bad), GRACE, changed(GRACE), minutes=3)
    assert found.worse
    assert found.verdict is None


def test_it_is_not_worse_before_fresh_tasks_have_had_time_to_start():
    bad = Traffic(window_s=120, requests=1000, recent_requests=1000, recent_failed=900)
    assert not judged(outcome(traffic=bad), GRACE, changed(GRACE), minutes=1).worse


def test_a_handful_of_requests_is_not_worse():
    few = Traffic(window_s=900, requests=4, recent_requests=4, recent_failed=4)
    assert not judged(outcome(traffic=few), GRACE, changed(GRACE), minutes=3).worse


def test_only_a_fix_that_declares_it_can_be_worse():
    bad = Traffic(window_s=900, requests=1000, recent_requests=1000, recent_failed=500)
    assert not judged(outcome(traffic=bad, service=MOVED), MEMORY, changed(MEMORY), minutes=3).worse
