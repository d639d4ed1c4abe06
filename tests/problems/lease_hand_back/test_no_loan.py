from remediator.core.plan import Change
from remediator.core.serialization import canonical
from remediator.incidents.apply_result import undo_plan

from ...samples import NOW
from .setting import decision, of_table


def test_an_undo_lends_nothing():
    lent = Change(plan=decision(of_table()), applied_at=NOW)
    assert lent.plan.lease_s > 0
    assert undo_plan({"change": canonical(lent)}).lease_s == 0
