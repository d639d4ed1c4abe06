"""The patches as a table for people: `PYTHONPATH=tests/e2e .venv-e2e/bin/python -m emulator.in_words` prints it."""

from itertools import groupby

NOT_TOLD = ("ministack.", "services.", "core.")


def table() -> str:
    """Every patch by its file, with what ministack lacks: the section of docs/emulator.md."""
    from .__main__ import load

    patches = load()
    rows = ["| file | ministack 1.5.33 ... | where |", "|---|---|---|"]
    for file, those in groupby(patches.declared(), key=lambda p: p.name.partition(".")[0]):
        rows += [f"| `{file}.py` | {each.lacks} | `{_where(each)}` |" for each in those]
    return "\n".join(rows)


def _where(each: object) -> str:
    name = str(each.of)  # type: ignore[attr-defined]
    for prefix in NOT_TOLD:
        name = name.removeprefix(prefix)
    return name + "".join(f"[{key}]" for key in each.at)  # type: ignore[attr-defined]


if __name__ == "__main__":
    print(table())
