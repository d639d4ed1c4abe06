"""What a fix has lent is due: more tasks, more units, wider bounds go back step by step, or are lent on.

Guide: none; the rows are ours. The guide raises counts and capacities and says nothing of their way back.
May change: only what the program has lent itself, towards the value before: provisioned units, bounds of autoscaling,
on-demand maxima, a service's count; one step at a time. Never: what somebody has changed since, a billing mode, anything
below the value before the loan.
"""

from dataclasses import dataclass

from ..aws.evidence import leases
from ..core import hand_back as loans
from ..core import hand_back_view as view
from ..core.edge import Permission
from ..core.evidence import Reading, reading
from ..core.fixes.hand_back import plan_hand_back
from ..core.hand_back import Held, Usage
from ..core.hand_back_advice import BOUNDS_NOW, COUNT_NOW, LENDER, TABLE_NOW
from ..core.hand_back_verdict import judge
from ..core.hand_back_view import loan_facts, usage_facts
from ..core.lease import RUNBOOK as ID
from ..core.lease import VERIFIED_S, Loan
from ..core.model import Advise, Decision, Resource
from ..core.runbook import Cause, Finding, Holds, RuledOut, Runbook, Setting, writes
from ..core.text import Text

TABLE_ARN = "arn:{partition}:dynamodb:{region}:{account}:table/*"
SERVICE_ARN = "arn:{partition}:ecs:{region}:{account}:service/*"
SCALABLE_TARGET_ARN = "arn:{partition}:application-autoscaling:{region}:{account}:scalable-target/*"
NOT_OURS = Text("it is no loan of the program any more", "プログラムの一時変更ではなくなっています")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is read before the decision."""

    loan: Reading[Loan] = reading(leases.loan, recheck=True)
    held: Reading[Held] = reading(leases.held, recheck=True)
    usage: Reading[Usage] = reading(leases.usage, after=("held",), recheck=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """What is read to prove a step: the values, and CloudWatch, which knows nothing of the call."""

    loan: Reading[Loan] = reading(leases.loan)
    held: Reading[Held] = reading(leases.held)
    lately: Reading[Usage] = reading(leases.lately, after=("held",))


# -- causes ------------------------------------------------------------------------------------------------------------


def not_ours_any_more(e: Evidence, _: Setting) -> Finding:
    """It was undone, somebody has changed it, or it is gone."""
    why = loans.not_ours(e)
    if why is None:
        return RuledOut(Text("it stands as the program set it", "プログラムが設定した値のままです"))
    return Holds((e.loan.fact(Text("not ours any more", "対象外の理由"), why.en), *loan_facts(e)))


def still_needed(e: Evidence, setting: Setting) -> Finding:
    """What was asked for within the last hour would not fit the next lower step, or something is at work on it."""
    if loans.not_ours(e):
        return RuledOut(NOT_OURS)
    why = loans.needed(e, setting.now, setting.settings.limits)
    if why is None:
        return RuledOut(
            Text("the last hour would fit the next lower step", "直近 1 時間の需要は 1 段階低い値に収まります")
        )
    return Holds((e.usage.fact(Text("still needed", "継続の理由"), why.en), *loan_facts(e), *usage_facts(e)))


def decreases_spent(e: Evidence, setting: Setting) -> Finding:
    """DynamoDB may refuse another decrease today."""
    if (against := _not_calm(e, setting)) is not None:
        return against
    spent = loans.decreases_spent(e)
    if not spent:
        return RuledOut(Text("a decrease is left today", "本日の引き下げ回数に余裕があります"))
    told = f"{spent} / {loans.DECREASES_KEPT_TO}"
    return Holds((e.held.fact(Text("decreases today / kept to", "本日の引き下げ / 上限"), told), *loan_facts(e)))


def calm(e: Evidence, setting: Setting) -> Finding:
    """The last hour would fit the next lower step, with headroom."""
    if (against := _not_calm(e, setting)) is not None:
        return against
    if loans.decreases_spent(e):
        return RuledOut(Text("no decrease is left today", "本日の引き下げ回数を使い切っています"))
    return Holds((*loan_facts(e), *usage_facts(e)))


def _not_calm(e: Evidence, setting: Setting) -> RuledOut | None:
    if loans.not_ours(e):
        return RuledOut(NOT_OURS)
    why = loans.needed(e, setting.now, setting.settings.limits)
    return RuledOut(why) if why else None


# -- what is done ------------------------------------------------------------------------------------------------------


@writes(
    Permission("dynamodb:UpdateTable", TABLE_ARN),
    Permission("application-autoscaling:RegisterScalableTarget", SCALABLE_TARGET_ARN),
    Permission("ecs:UpdateService", SERVICE_ARN),
    does=Text(
        "hands back one step, at most half of what is left; undone by itself where it makes things worse",
        "残りの半分以下を 1 段階戻す（悪化した場合は自動で取り消す）",
    ),
)
def hand_back(e: Evidence, setting: Setting) -> Decision:
    """One step towards what was before the loan."""
    return plan_hand_back(e, _resource(e), setting.settings.limits)


def _resource(e: Evidence) -> Resource:
    held = e.held.get()
    if held.service:
        return Resource("ecs_service", held.service.arn)
    assert held.table  # noqa: S101  # one of the two, or it is gone
    return Resource("table", held.table.own.arn)


@writes(does=Text("lends it on and looks again later", "一時変更を延長し、後で再確認"))
def lend_on(e: Evidence, setting: Setting) -> Decision:
    """Why it is lent on; until when, whoever puts it down for later says."""
    why = loans.needed(e, setting.now, setting.settings.limits)
    return Advise(Text("Lent on: ", "一時変更を延長します。理由: ") + (why or Text("it is needed", "必要です")))


@writes(does=Text("waits for the next day (UTC)", "翌日（UTC）まで待機"))
def wait_for_tomorrow(e: Evidence, _: Setting) -> Decision:
    """Why it is lent on until the next day."""
    spent = loans.decreases_spent(e)
    return Advise(
        Text(
            f"Lent on until the next UTC day: the capacity went down {spent} times today, and AWS may refuse more.",
            f"翌日（UTC）まで延長します。本日は容量をすでに {spent} 回引き下げており、これ以上は AWS に拒否される可能性があります。",
        )
    )


@writes(does=Text("tells that it is left alone", "変更せずに知らせる"))
def leave_alone(e: Evidence, _: Setting) -> Decision:
    """Why it is nobody's to hand back."""
    why = loans.not_ours(e) or NOT_OURS
    return Advise(Text("Left alone: ", "変更しません。理由: ") + why, final=True)


NOT_OURS_ANY_MORE_ROW = Cause(
    id="not_ours_any_more",
    title=Text("not ours any more", "対象外"),
    holds=not_ours_any_more,
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

STILL_NEEDED_ROW = Cause(
    id="still_needed",
    title=Text("still needed", "引き続き必要"),
    holds=still_needed,
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

DECREASES_SPENT_ROW = Cause(
    id="decreases_spent",
    title=Text("no decrease left today", "本日の引き下げ回数の上限"),
    holds=decreases_spent,
    fixes=(wait_for_tomorrow,),
    advice=Text(
        "Nothing: AWS allows decreases again on the next UTC day.",
        "対応は不要です。引き下げは翌日（UTC）に再び可能になります。",
    ),
    confirm=Text(
        "NumberOfDecreasesToday of the table or index is four or more.",
        "テーブルまたはインデックスの NumberOfDecreasesToday が 4 以上です。",
    ),
    look=(TABLE_NOW,),
)

CALM_ROW = Cause(
    id="calm",
    title=Text("calm: it can go back", "落ち着いたため返却可能"),
    holds=calm,
    fixes=(hand_back,),
    advice=Text(
        "Nothing, unless it should stay: then undo the step and put the higher value into the template.",
        "対応は不要です。引き上げた値を維持する場合は、返却を取り消してテンプレートに反映してください。",
    ),
    confirm=Text(
        "The highest minute of the last hour is under 70 % of the next lower value, and nothing was throttled or slow.",
        "直近 1 時間の最大の分が 1 段階低い値の 70 % 未満で、スロットリングや遅延がありません。",
    ),
    look=(TABLE_NOW, BOUNDS_NOW, COUNT_NOW),
)
RUNBOOK = Runbook(
    id=ID,
    title=Text("A temporary raise is due", "一時変更の返却期限"),
    symptom=Text("what a fix has lent is due to be handed back", "自動対応による一時変更が返却期限を迎えた"),
    guide="",
    triggers=(),
    evidence=Evidence,
    causes=(NOT_OURS_ANY_MORE_ROW, STILL_NEEDED_ROW, DECREASES_SPENT_ROW, CALM_ROW),
    outcome=After,
    judge=judge,
    mode=view.mode,
    image=loans.image,
    about=view.about,
    stack=view.stack,
    hands_back=True,
    give_up_after_s=VERIFIED_S,
)
