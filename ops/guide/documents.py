"""What is made by the program: the READMEs' table and real reports, whole examples of them, the guide, the gates' table."""

import sys
from pathlib import Path

from ops import ROOT
from remediator.core.runbook import AnyRunbook
from remediator.core.text import Language
from remediator.problems import load_all

from . import gates
from .example_reports import examples, with_reports
from .pages import PAGES, page

BEGIN, END = "<!-- made by `make guide`: begin -->", "<!-- end -->"
HEADINGS: dict[Language, str] = {
    "en": "| Problem | Cause | What the program does | Row |",
    "ja": "| 問題 | 原因 | プログラムの対応 | 項目 |",
}
FILES: dict[Language, str] = {"en": "README.md", "ja": "README.ja.md"}


def table(language: Language) -> str:
    """A Markdown table with one line for each cause of each runbook."""
    lines = [HEADINGS[language], "|---|---|---|---|"]
    for runbook in load_all():
        lines += _lines(runbook, language)
    return "\n".join(lines)


def _lines(runbook: AnyRunbook, language: Language) -> list[str]:
    then, found = {"en": ("; else ", "tells a person"), "ja": ("、それ以外は", "人に知らせる")}[language]
    lines = []
    for n, cause in enumerate(runbook.causes):
        does = then.join(f.does.in_(language) for f in cause.fixes) or found
        title = runbook.title.in_(language) if n == 0 else ""
        lines.append(f"| {title} | {cause.title.in_(language)} | {does} | `{runbook.id}.{cause.id}` |")
    return lines


def with_table(text: str, language: Language) -> str:
    """`text` with the table between its two markers made anew."""
    head, rest = text.split(BEGIN, 1)
    return f"{head}{BEGIN}\n{table(language)}\n{END}{rest.split(END, 1)[1]}"


def stale() -> dict[str, str]:
    """What each file that is not as the runbooks give it would have to be, by its name."""
    made = {n: with_reports(with_table((ROOT / n).read_text(), language), language) for language, n in FILES.items()}
    made |= examples() | gates.pages()
    made |= {name: page(language) for language, name in PAGES.items()}
    return {name: text for name, text in made.items() if not _is(ROOT / name, text)}


def _is(path: Path, text: str) -> bool:
    return path.exists() and path.read_text() == text


def main() -> int:
    """Writes the tables and pages (`--write`), or says which file is stale."""
    found, write = stale(), "--write" in sys.argv
    for name, text in found.items() if write else ():
        (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / name).write_text(text)
    if found:
        print(("written: " if write else "stale, run `make guide`: ") + ", ".join(found))
    return 1 if found and not write else 0


if __name__ == "__main__":
    sys.exit(main())
