"""Row `lease_hand_back.still_needed`.

What was asked for within the last hour would not fit the next lower step, or something is at work on it.
"""

from ...core.plan import Advise, Decision
from ...core.runbook import Cause, Finding, Holds, RuledOut, Setting, writes
from ...core.text import Text
from .evidence import Evidence
from .facts import BOUNDS_NOW, COUNT_NOW, NOT_OURS, TABLE_NOW, loan_facts, usage_facts
from .loan import needed, not_ours


def holds(e: Evidence, setting: Setting) -> Finding:
    """What was asked for within the last hour would not fit the next lower step, or something is at work on it."""
    if not_ours(e):
        return RuledOut(NOT_OURS)
    why = needed(e, setting.now, setting.settings.limits)
    if why is None:
        return RuledOut(
            Text("the last hour would fit the next lower step", "直近 1 時間の需要は 1 段階低い値に収まります")
        )
    return Holds((e.usage.fact(Text("still needed", "継続の理由"), why.en), *loan_facts(e), *usage_facts(e)))


@writes(does=Text("lends it on and looks again later", "一時変更を延長し、後で再確認"))
def lend_on(e: Evidence, setting: Setting) -> Decision:
    """Why it is lent on; until when, whoever puts it down for later says."""
    why = needed(e, setting.now, setting.settings.limits)
    return Advise(Text("Lent on: ", "一時変更を延長します。理由: ") + (why or Text("it is needed", "必要です")))


CAUSE = Cause(
    id="still_needed",
    title=Text("still needed", "引き続き必要"),
    holds=holds,
    fixes=(lend_on,),
    advice=Text(
        "If the demand is here to stay, put the higher value into the template, so that it is no loan any more.",
        "需要が続く見込みであれば、引き上げた値をテンプレートに反映し、恒久的な設定にしてください。",
    ),
    confirm=Text(
        "The highest minute of the last hour is over 70 % of the next lower value, or requests were throttled or slow.",
        "直近 1 時間の最大の分が 1 段階低い値の 70 % を超えるか、スロットリングや遅延があります。",
    ),
    look=(TABLE_NOW, BOUNDS_NOW, COUNT_NOW),
)
