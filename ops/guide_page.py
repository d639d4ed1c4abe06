"""`docs/guide.md` and `docs/guide.ja.md`: the whole guide, made from the values that the program itself decides and speaks by."""

from collections.abc import Iterator
from typing import Any

from remediator.core.error_table import CODES, ErrorCode
from remediator.core.recovery import PROCEDURES, Procedure
from remediator.core.runbook import AnyRunbook, Cause
from remediator.core.text import Language, Text
from remediator.runbooks import load_all

from .derived import responses

TITLE = Text("Troubleshooting guide", "トラブルシューティングガイド")
MADE = Text(
    "Made by `make guide` from `functions/remediator`: edit the runbooks there, not this page. "
    "`remediator guide` shows which tests and sandbox stories stand for each row.",
    "`make guide` が `functions/remediator` から生成したページです。編集はランブック側で行ってください。"
    "各項目に対応するテストとサンドボックスのシナリオは `remediator guide` で確認できます。",
)
PROBLEMS = Text("Problems", "問題と原因")
ERRORS = Text("Error codes", "エラーコード")
RECOVERIES = Text("Recovery by hand", "手動での復旧手順")
SYMPTOM = Text("Symptom", "症状")
CONFIRM = Text("How to be sure", "確認方法")
DOES = Text("What the program does", "プログラムの対応")
KINDS = Text("Kind of response", "対応の種類")
ADVICE = Text("What you can do", "対処")
LEADS = Text("Leads to", "関連する項目")
STEPS = Text("Steps", "手順")
START = Text("Start it", "実行方法")
TELLS = Text("tells a person", "人に知らせる")
LOOK_LEAD = Text("Put your own names where the angle brackets are.", "山括弧の部分は実際の名前に置き換えてください。")
RESPONSES: dict[str, Text] = {
    "auto": Text("by itself", "自動で実施"),
    "ask": Text("after a person approves", "承認後に実施"),
    "tell": Text("told to a person", "人に通知"),
    "hands over": Text("handed over to another problem", "別の問題へ引き継ぎ"),
    "watches": Text("watched first", "経過を監視"),
}


def page(language: Language) -> str:
    """The whole page."""
    lines = [f"# {TITLE.in_(language)}", "", MADE.in_(language), "", LOOK_LEAD.in_(language), ""]
    lines += [f"## {PROBLEMS.in_(language)}", ""]
    lines += [line for runbook in load_all() for line in _problem(runbook, language)]
    lines += [f"## {ERRORS.in_(language)}", ""]
    lines += [line for code in CODES for line in _code(code, language)]
    lines += [f"## {RECOVERIES.in_(language)}", ""]
    lines += [line for procedure in PROCEDURES for line in _procedure(procedure, language)]
    return "\n".join(lines).rstrip("\n") + "\n"


def _problem(runbook: AnyRunbook, language: Language) -> Iterator[str]:
    yield f"### {_plain(runbook.title.in_(language))} (`{runbook.id}`)"
    yield ""
    yield _told(SYMPTOM, runbook.symptom.in_(language), language)
    yield ""
    for cause in runbook.causes:
        yield from _cause(runbook.id, cause, language)


def _cause(runbook: str, cause: Cause[Any], language: Language) -> Iterator[str]:
    then = {"en": "; else ", "ja": "、それ以外は"}[language]
    does = then.join(f.does.in_(language) for f in cause.fixes) or TELLS.in_(language)
    kinds = {"en": ", ", "ja": "、"}[language].join(RESPONSES[r].in_(language) for r in responses(cause))
    yield f"#### {_plain(cause.title.in_(language))} (`{runbook}.{cause.id}`)"
    yield ""
    yield f"- {_told(CONFIRM, cause.confirm.in_(language), language)}"
    yield f"- {_told(DOES, does, language)}"
    yield f"- {_told(KINDS, kinds, language)}"
    yield f"- {_told(ADVICE, cause.advice.in_(language), language)}"
    yield from _commands(cause.look)


def _code(code: ErrorCode, language: Language) -> Iterator[str]:
    yield f"### `{code.code}`: {_plain(code.title.in_(language))} (`{code.id}`)"
    yield ""
    yield f"- {_told(CONFIRM, code.confirm.in_(language), language)}"
    yield f"- {_told(ADVICE, code.advice.in_(language), language)}"
    if code.leads_to:
        rows = ", ".join(f"`{row}`" for row in code.leads_to)
        yield f"- **{LEADS.in_(language)}**: {rows}"
    yield from _commands(code.look)


def _procedure(procedure: Procedure, language: Language) -> Iterator[str]:
    yield f"### {_plain(procedure.title.in_(language))} (`{procedure.id}`)"
    yield ""
    yield f"**{STEPS.in_(language)}**"
    yield ""
    for number, step in enumerate(procedure.steps, 1):
        yield f"{number}. {_plain(step.in_(language))}"
    yield ""
    yield f"- {_told(CONFIRM, procedure.confirm.in_(language), language)}"
    for action in procedure.actions:
        yield f"- **{START.in_(language)}** ({_plain(action.title.in_(language))}): `{action.command}`"
    yield from _commands(procedure.look)


def _told(lead: Text, text: str, language: Language) -> str:
    return f"**{lead.in_(language)}**: {_plain(text)}"


def _commands(look: tuple[str, ...]) -> Iterator[str]:
    yield ""
    if look:
        yield from ("```bash", *look, "```", "")


def _plain(text: str) -> str:
    """Markdown takes angle brackets for HTML; in code they stand as they are."""
    return text.replace("<", "&lt;").replace(">", "&gt;")
