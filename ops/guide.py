"""What is made from the runbooks: the tables of the READMEs, and the whole guide in `docs/guide.md` and its Japanese twin."""

import sys
from pathlib import Path

from remediator.core.runbook import AnyRunbook
from remediator.core.text import Language
from remediator.runbooks import load_all

from .guide_page import page

ROOT = Path(__file__).parents[1]
BEGIN, END = "<!-- made by `make guide`: begin -->", "<!-- end -->"
HEADINGS: dict[Language, str] = {
    "en": "| Problem | Cause | What the program does | Row |",
    "ja": "| 問題 | 原因 | プログラムの対応 | 項目 |",
}
FILES: dict[Language, str] = {"en": "README.md", "ja": "README.ja.md"}
PAGES: dict[Language, str] = {"en": "docs/guide.md", "ja": "docs/guide.ja.md"}


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


def made() -> dict[str, str]:
    """Every file that is made or has a made part, as it should be."""
    readmes = {name: with_table((ROOT / name).read_text(encoding="utf-8"), lang) for lang, name in FILES.items()}
    return {**readmes, **{name: page(language) for language, name in PAGES.items()}}


def stale() -> tuple[str, ...]:
    """Names of the files that are not what the runbooks give."""
    return tuple(name for name, text in made().items() if _read(ROOT / name) != text)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def main() -> int:
    """Writes the files (`--write`), or says which are stale."""
    old = stale()
    if old and "--write" in sys.argv:
        for name, text in made().items():
            (ROOT / name).write_text(text, encoding="utf-8")
    if old:
        print(("written: " if "--write" in sys.argv else "stale, run `make guide`: ") + ", ".join(old))
    return 1 if old and "--write" not in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
