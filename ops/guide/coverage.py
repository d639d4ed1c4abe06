"""Coverage of the guide: for each row its probe, response, texts, tests, the story that ends with it and the one that only looks like it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ops.explain.error_codes import CODES, ErrorCode, codes_in
from remediator.core.runbook import AnyRunbook, Cause
from remediator.core.text import Language, Text
from remediator.problems import load_all
from remediator.recovery.procedures import PROCEDURES, Procedure
from remediator.recovery.runbook import BOUND
from sandbox.scenarios import Scenario
from sandbox.scenarios import load_all as load_stories

from .derived import probes, responses
from .rows import CAUSES, ROWS
from .tests_found import tests_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row as it is covered.

    Attributes:
        probe: what is read or recognised for it.
        response: what may be done about it.
        tests: ids of tests that name it.
        stories: names of the sandbox's stories that end with it.
        twins: names of those where its tell-tale fact is present and another row is the cause.
        missing: what it lacks, in words; empty where it is covered.
    """

    id: str
    title: Text | None = None
    probe: tuple[str, ...] = ()
    response: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    stories: tuple[str, ...] = ()
    twins: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def covered(self) -> bool:
        """Whether it lacks nothing."""
        return not self.missing

    def as_json(self, language: Language) -> dict[str, Any]:
        """For `--json`."""
        return {
            "row": self.id,
            "title": self.title.in_(language) if self.title else "",
            "covered": self.covered,
            **{n: list(getattr(self, n)) for n in ("missing", "probe", "response", "tests", "stories", "twins")},
        }


def coverage(
    rows: Sequence[str] = ROWS,
    runbooks: Iterable[AnyRunbook] | None = None,
    stories: Sequence[Scenario] | None = None,
) -> tuple[Row, ...]:
    """Every row that is asked for, those that nothing stands for among them.

    Args:
        rows: ids.
        runbooks: all that there are where left out.
        stories: the sandbox's where left out.
    """
    books = tuple(load_all() if runbooks is None else runbooks)
    result = tuple(load_stories() if stories is None else stories)
    causes = {f"{r.id}.{c.id}": (r, c) for r in books for c in r.causes}
    codes = {c.id: c for c in CODES}
    procedures = {p.id: p for p in PROCEDURES}
    found = []
    for row in rows:
        if row in causes:
            found.append(_cause(row, *causes[row], result))
        elif row in codes:
            found.append(_code(codes[row], result))
        elif row in procedures:
            found.append(_procedure(procedures[row], result))
        else:
            found.append(Row(id=row, missing=("all of it: nothing stands for this row",)))
    return tuple(found)


def unlisted(runbooks: Iterable[AnyRunbook] | None = None) -> tuple[str, ...]:
    """Causes of the guide's problems that the list of rows does not have: rows that practice added."""
    books = load_all() if runbooks is None else runbooks
    return tuple(f"{r.id}.{c.id}" for r in books if r.guide for c in r.causes if f"{r.id}.{c.id}" not in CAUSES)


def _cause(row: str, runbook: AnyRunbook, cause: Cause[Any], scenarios: Sequence[Scenario]) -> Row:
    made = Row(
        id=row,
        title=cause.title,
        probe=probes(runbook, cause.holds),
        response=responses(cause),
        tests=tests_of(row),
        stories=_ending_with(scenarios, (row,)),
        twins=tuple(s.name for s in scenarios if s.looks_like == row and row not in _causes(s) and _causes(s)),
    )
    texts = _untold(title=cause.title, advice=cause.advice, confirm=cause.confirm)
    return _judged(made, (*texts, *_without_commands(cause.look)), twin=True)


def _code(code: ErrorCode, scenarios: Sequence[Scenario]) -> Row:
    """A code is recognised in texts and leads to rows; its stories are theirs, its twins are texts of its tests."""
    recognised = (
        ("explain: " + code.code,) if any(code.id in codes_in(t) for t in (code.code, code.code.lower())) else ()
    )
    made = Row(
        id=code.id,
        title=code.title,
        probe=recognised or (("explain: in its context",) if code.signs.pattern else ()),
        response=tuple(f"-> {row}" for row in code.leads_to) or ("tell",),
        tests=tests_of(code.id),
        stories=_ending_with(scenarios, code.leads_to),
    )
    texts = _untold(title=code.title, advice=code.advice, confirm=code.confirm)
    return _judged(made, (*texts, *_without_commands(code.look)), story=bool(code.leads_to))


def _procedure(procedure: Procedure, scenarios: Sequence[Scenario]) -> Row:
    bound = next((b for b in BOUND if b.procedure is procedure), None)
    made = Row(
        id=procedure.id,
        title=procedure.title,
        probe=tuple(dict.fromkeys(p.action for p in bound.reads() if p.called)) if bound else (),
        response=tuple(f"by hand: {a.name}" for a in procedure.actions),
        tests=tests_of(procedure.id),
        stories=_ending_with(scenarios, (procedure.id,)),
    )
    texts = _untold(
        title=procedure.title, confirm=procedure.confirm, **{f"step {n}": s for n, s in enumerate(procedure.steps, 1)}
    )
    return _judged(made, (*texts, *_without_commands(procedure.look)))


def _ending_with(scenarios: Sequence[Scenario], rows: Iterable[str]) -> tuple[str, ...]:
    wanted = set(rows)
    return tuple(s.name for s in scenarios if wanted & set(_causes(s)))


def _causes(story: Scenario) -> tuple[str, ...]:
    return tuple(c for c in (story.expected.cause, *story.expected.noticed) if c)


def _judged(row: Row, missing: tuple[str, ...], *, twin: bool = False, story: bool = True) -> Row:
    lacks = [*missing]
    lacks += [] if row.probe else ["a probe"]
    lacks += [] if row.response else ["a response"]
    lacks += [] if row.tests else ["a test"]
    lacks += [] if row.stories or not story else ["a story that ends with it"]
    lacks += [] if row.twins or not twin else ["a story that only looks like it"]
    return Row(**{f: getattr(row, f) for f in Row.__dataclass_fields__ if f != "missing"}, missing=tuple(lacks))


def _untold(**texts: Text) -> tuple[str, ...]:
    """Texts that are missing in one of the languages."""
    found = []
    for name, text in texts.items():
        if not text.en.strip():
            found.append(f"{name} in English")
        if not any(ord(sign) > 0x3000 for sign in text.ja):
            found.append(f"{name} in Japanese")
    return tuple(found)


def _without_commands(look: tuple[str, ...]) -> tuple[str, ...]:
    return () if any(c.startswith(("aws ", "curl ")) for c in look) else ("a command that confirms it",)
