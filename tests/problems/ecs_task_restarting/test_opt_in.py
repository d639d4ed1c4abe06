from dataclasses import replace

from remediator.problems.ecs_task_restarting.runbook import RUNBOOK

from .samples import evidence, revision
from .setting import OOM_LOOP


def test_the_opt_in_is_the_tag_of_the_service_and_a_one_off_task_has_none():
    assert RUNBOOK.opt_in_tag(evidence(*OOM_LOOP)) == "auto"
    one_off = tuple(replace(s, group="family:x") for s in OOM_LOOP)
    assert RUNBOOK.opt_in_tag(evidence(*one_off)) is None


def test_the_last_good_revision_is_told_apart_from_the_current_one():
    assert revision(41).arn != revision(42).arn
