"""The tables of the READMEs, made from the runbooks: what is healed, how, and what may be written."""

import sys
from pathlib import Path

from remediator.core.runbook import AnyRunbook
from remediator.core.text import Language
from remediator.runbooks import load_all

ROOT = Path(__file__).parents[1]
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
    then, told = {"en": ("; else ", "tells a person"), "ja": ("、それ以外は", "人に知らせる")}[language]
    lines = []
    for n, cause in enumerate(runbook.causes):
        does = then.join(f.does.in_(language) for f in cause.fixes) or told
        title = runbook.title.in_(language) if n == 0 else ""
        lines.append(f"| {title} | {cause.title.in_(language)} | {does} | `{runbook.id}.{cause.id}` |")
    return lines


def with_table(text: str, language: Language) -> str:
    """`text` with the table between its two markers made anew."""
    head, rest = text.split(BEGIN, 1)
    return f"{head}{BEGIN}\n{table(language)}\n{END}{rest.split(END, 1)[1]}"


def main() -> int:
    """Writes the tables (`--write`), or says which file is stale."""
    stale = []
    for language, name in FILES.items():
        path = ROOT / name
        text = path.read_text()
        made = with_table(text, language)
        if made != text:
            stale.append(name)
            if "--write" in sys.argv:
                path.write_text(made)
    if stale:
        print(("written: " if "--write" in sys.argv else "stale, run `make guide`: ") + ", ".join(stale))
    return 1 if stale and "--write" not in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
