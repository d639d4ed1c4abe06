"""The gates as the page for operators shows them: a table that is made from `GATES`."""

from ops import ROOT
from remediator.core.text import Language
from remediator.gates import GATES
from remediator.gates.gate import Check, Gate

BEGIN, END = "<!-- made by `make guide` from `GATES`: begin -->", "<!-- end of the gates -->"
HEADINGS: dict[Language, str] = {
    "en": "| gate | checks | permits | asks a person | refuses |",
    "ja": "| ゲート | 確認する内容 | 通す | 人の承認を求める | 見送る |",
}
PAGES: dict[Language, str] = {"en": "docs/operating.md", "ja": "docs/operating.ja.md"}


def gates_table(language: Language) -> str:
    """A Markdown table with one line for each check of each gate, in the order in which they are asked."""
    rows = (_row(gate, check, language) for gate in GATES for check in gate.checks)
    return "\n".join((HEADINGS[language], "|---|---|---|---|---|", *rows))


def _row(gate: Gate, check: Check, language: Language) -> str:
    cells = (check.title, check.permits, check.asks, check.refuses)
    return f"| `{gate.name}` | {' | '.join(cell.in_(language) for cell in cells)} |"


def with_gates(text: str, language: Language) -> str:
    """`text` with the table between its two markers made anew."""
    head, rest = text.split(BEGIN, 1)
    return f"{head}{BEGIN}\n{gates_table(language)}\n{END}{rest.split(END, 1)[1]}"


def pages() -> dict[str, str]:
    """What each page would have to be, by its name."""
    return {name: with_gates((ROOT / name).read_text(), language) for language, name in PAGES.items()}
