"""The whole guide as a page in each language, made from the runbooks, the error table and the recovery procedures."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ops.explain.error_codes import CODES, ErrorCode
from remediator.core.runbook import AnyRunbook, Cause
from remediator.core.text import Language, Text
from remediator.problems import load_all
from remediator.recovery.procedures import PROCEDURES, Procedure

from .derived import responses

PAGES: Mapping[Language, str] = {"en": "docs/guide.md", "ja": "docs/guide.ja.md"}
MADE = "<!-- made by `make guide`; change the runbooks, not this page -->"
RESPONSES: Mapping[str, Text] = {
    "auto": Text("applies, proves, undoes where the fix says so", "適用し、検証し、修正が宣言していれば取り消す"),
    "ask": Text("asks a person first", "人の承認を求める"),
    "tell": Text("tells a person", "人に知らせる"),
    "hands over": Text("hands over to the runbook of what lies behind", "背後の問題のランブックに引き継ぐ"),
    "watches": Text("watches first", "まず監視する"),
}
TITLE = Text("The guide, as the program knows it", "プログラムが持つトラブルシューティングガイド")
INTRODUCTION = Text(
    "Every problem, cause, error code and recovery procedure: how a person confirms it, what the program does about it, "
    "what is left to do. What stands in angle brackets differs from case to case. `remediator guide` shows which reading, "
    "which test and which scenario stands for each row; `remediator explain` names the row for a text of AWS.",
    "すべての問題、原因、エラーコード、復旧手順について、確認方法、プログラムの対応、残る作業をまとめています。山括弧の部分は環境に応じて"
    "読み替えてください。各項目の根拠となる読み取り、テスト、シナリオは `remediator guide`、AWS のメッセージが示す項目は "
    "`remediator explain` で確認できます。",
)
SYMPTOM = Text("Symptom", "症状")
CONFIRM = Text("Confirmed by", "確認方法")
DOES = Text("The program", "プログラムの対応")
ADVICE = Text("What to do", "対処")
LEADS = Text("Leads to", "関連する項目")
BY_HAND = Text("Started by hand", "手動での開始")
ERRORS = Text("Error codes", "エラーコード")
RECOVERIES = Text("Recovery procedures", "復旧手順")
NOTHING = Text("tells a person", "人に知らせる")


def page(language: Language) -> str:
    """The page, whole."""
    return "\n".join(_lines(language)).rstrip() + "\n"


def _lines(language: Language) -> Iterator[str]:
    yield from (f"# {TITLE.in_(language)}", MADE, "", INTRODUCTION.in_(language), "")
    for runbook in (r for r in load_all() if r.guide):
        yield from _problem(runbook, language)
    yield from (f"## {ERRORS.in_(language)}", "")
    for code in CODES:
        yield from _code(code, language)
    yield from (f"## {RECOVERIES.in_(language)}", "")
    for procedure in PROCEDURES:
        yield from _procedure(procedure, language)


def _problem(runbook: AnyRunbook, language: Language) -> Iterator[str]:
    yield from (f"## {runbook.title.in_(language)}", "")
    yield from (f"`{runbook.id}` · {SYMPTOM.in_(language)}: {runbook.symptom.in_(language)}", "")
    for cause in runbook.causes:
        yield from _cause(f"{runbook.id}.{cause.id}", cause, language)


def _cause(row: str, cause: Cause[Any], language: Language) -> Iterator[str]:
    then = {"en": "; else ", "ja": "、それ以外は"}[language]
    does = then.join(f.does.in_(language) for f in cause.fixes) or NOTHING.in_(language)
    how = ", ".join(RESPONSES[r].in_(language) for r in responses(cause))
    yield from (f"### {cause.title.in_(language)}", "", f"`{row}`", "")
    yield f"- **{CONFIRM.in_(language)}**: {cause.confirm.in_(language)}"
    yield f"- **{DOES.in_(language)}**: {does} ({how})"
    yield f"- **{ADVICE.in_(language)}**: {cause.advice.in_(language)}"
    yield from _commands(cause.look)


def _code(code: ErrorCode, language: Language) -> Iterator[str]:
    yield from (f"### {code.code}: {code.title.in_(language)}", "", f"`{code.id}`", "")
    yield f"- **{CONFIRM.in_(language)}**: {code.confirm.in_(language)}"
    yield f"- **{ADVICE.in_(language)}**: {code.advice.in_(language)}"
    if code.leads_to:
        yield f"- **{LEADS.in_(language)}**: {', '.join(f'`{row}`' for row in code.leads_to)}"
    yield from _commands(code.look)


def _procedure(procedure: Procedure, language: Language) -> Iterator[str]:
    yield from (f"### {procedure.title.in_(language)}", "", f"`{procedure.id}`", "")
    yield from (f"{n}. {step.in_(language)}" for n, step in enumerate(procedure.steps, 1))
    yield from ("", f"- **{CONFIRM.in_(language)}**: {procedure.confirm.in_(language)}")
    yield from (f"- **{BY_HAND.in_(language)}** ({a.title.in_(language)}): `{a.command}`" for a in procedure.actions)
    yield from _commands(procedure.look)


def _commands(commands: Iterable[str]) -> Iterator[str]:
    yield from ("", "```bash", *commands, "```", "")
