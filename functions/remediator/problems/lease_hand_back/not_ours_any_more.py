"""Row `lease_hand_back.not_ours_any_more`. It was undone, somebody has changed it, or it is gone."""

from ...core.plan import Advise, Decision
from ...core.runbook import Cause, Finding, Holds, RuledOut, Setting, writes
from ...core.text import Text
from .evidence import Evidence
from .facts import BOUNDS_NOW, COUNT_NOW, NOT_OURS, TABLE_NOW, loan_facts
from .loan import not_ours

LENDER = "remediator incidents --most 200"


def holds(e: Evidence, _: Setting) -> Finding:
    """It was undone, somebody has changed it, or it is gone."""
    why = not_ours(e)
    if why is None:
        return RuledOut(Text("it stands as the program set it", "プログラムが設定した値のままです"))
    return Holds((e.loan.fact(Text("not ours any more", "対象外の理由"), why.en), *loan_facts(e)))


@writes(does=Text("tells that it is left alone", "変更せずに知らせる"))
def leave_alone(e: Evidence, _: Setting) -> Decision:
    """Why it is nobody's to hand back."""
    why = not_ours(e) or NOT_OURS
    return Advise(Text("Left alone: ", "変更しません。理由: ") + why, final=True)


CAUSE = Cause(
    id="not_ours_any_more",
    title=Text("not ours any more", "対象外"),
    holds=holds,
    fixes=(leave_alone,),
    advice=Text(
        "Check that the present value is the wanted one; the program does not come back to it.",
        "現在の値が意図したものか確認してください。プログラムは今後この値を変更しません。",
    ),
    confirm=Text(
        "The present value is neither the lent one nor that of a step back, or the change was undone.",
        "現在の値が一時変更の値でも返却途中の値でもないか、変更が取り消されています。",
    ),
    look=(LENDER, TABLE_NOW, BOUNDS_NOW, COUNT_NOW),
)
