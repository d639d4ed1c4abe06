"""What the tests of this problem share."""

import json
import shlex

from remediator.core.runbook import Setting
from remediator.core.settings import Settings
from remediator.incidents.diagnosis import decide, diagnose
from remediator.problems.ecs_task_not_starting.runbook import RUNBOOK
from remediator.resources.ecs.task_setup import WantedImage

from ...samples import NOW
from ..ecs_task_restarting.samples import definition, service_deployment
from .samples import ALL_ENDPOINTS, NEW_IMAGE, NO_ROOM, NOT_FOUND, TIMED_OUT, evidence, loop, place, said

SETTING = Setting(now=NOW, settings=Settings(), opened_at=NOW)


FRESH = (service_deployment(42, 10), service_deployment(41, 60 * 24 * 30))


BEHIND_ENDPOINTS = {"place": place(endpoints=ALL_ENDPOINTS)}


MISSING_IMAGE = {"images": (WantedImage(image=NEW_IMAGE, found=False, why="ImageNotFoundException"),)}


RESOURCES, PERMISSIONS = "ecs_task_not_starting.insufficient_resources", "ecs_task_not_starting.missing_permissions"


NETWORK, IMAGE = "ecs_task_not_starting.network_blocked", "ecs_task_not_starting.image_unavailable"


INVALID = "ecs_task_not_starting.invalid_task_definition"


def cause_of(e):
    return diagnose(RUNBOOK, e, SETTING).cause


def decision_on(e, setting=SETTING):
    return decide(RUNBOOK, diagnose(RUNBOOK, e, setting), e, setting)


def document_in(advise):
    command = next(c for c in advise.commands if "put-role-policy" in c)
    words = shlex.split(command)
    return words, json.loads(words[words.index("--policy-document") + 1])


PLANS = [
    decision_on(evidence(*loop(NOT_FOUND), deployments=FRESH)),
    decision_on(evidence(*loop(TIMED_OUT), **BEHIND_ENDPOINTS)),
    decision_on(evidence(said=(said(2, NO_ROOM),), definition=definition(cpu_units=300))),
]
