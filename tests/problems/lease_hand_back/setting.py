"""What the tests of this problem share."""

from dataclasses import replace

from remediator.core.lease import Loan
from remediator.core.plan import Change
from remediator.core.runbook import Setting
from remediator.core.settings import Settings
from remediator.core.timestamps import after
from remediator.incidents.diagnosis import decide, diagnose
from remediator.problems.lease_hand_back.evidence import Evidence
from remediator.problems.lease_hand_back.model import BorrowedState, Usage
from remediator.problems.lease_hand_back.runbook import RUNBOOK
from remediator.resources.ecs.scaling import CountOwner

from ...samples import NOW
from ..alb_slow_response.samples import load, times
from ..dynamodb_throttling.samples import hour, own, table
from ..ecs_task_restarting.samples import known, service

SETTING = Setting(now=NOW, settings=Settings())


UNITS = "ReadCapacityUnits"


TAGS = {"auto-remediation": "auto"}


CALM, NEEDED = "lease_hand_back.calm", "lease_hand_back.still_needed"


SPENT, NOT_OURS = "lease_hand_back.decreases_spent", "lease_hand_back.not_ours_any_more"


def loan(name=UNITS, was=10, most=20, stands=None, **changes):
    found = Loan(
        incident="lender-1",
        was={name: was},
        lent={name: most},
        stands=({name: most if stands is None else stands},),
        fix="raise_capacity",
    )
    return replace(found, **changes)


def asked(per_s=3.0, direction="read", index=""):
    return hour(direction, index, usual=per_s, peak=per_s, refused=0)


def used(*loads, **changes):
    return replace(Usage(asked=loads or (asked(),), served_until=NOW), **changes)


def of_table(**changes):
    values = {
        "loan": loan(),
        "held": BorrowedState(table=table(own=own(read=20)), tags=TAGS),
        "usage": used(),
        **changes,
    }
    return Evidence(**{n: v if hasattr(v, "gap") else known(v) for n, v in values.items()})


def of_service(count=3, cpu=20.0, slow=0, memory=40.0, lent=None, **held):
    borrowed_state = BorrowedState(service=service(desired=count, running=count), owner=CountOwner(), tags=TAGS)
    return Evidence(
        loan=known(lent or loan("desiredCount", 2, 3)),
        held=known(replace(borrowed_state, **held)),
        usage=known(Usage(load=load(cpu, memory), times=times(slow))),
    )


def cause(evidence):
    return diagnose(RUNBOOK, evidence, SETTING).cause


def decision(evidence, setting=SETTING):
    return decide(RUNBOOK, diagnose(RUNBOOK, evidence, setting), evidence, setting)


SINCE = after(NOW, -400)


def step():
    return Change(plan=decision(of_table()), applied_at=SINCE)
