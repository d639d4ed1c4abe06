"""What the source of a runbook says of itself: which readings a cause asks, and how its planners may answer."""

import ast
import inspect
import sys
from collections.abc import Callable, Iterator
from functools import cache
from textwrap import dedent
from types import FunctionType
from typing import Any

from remediator.core.evidence import declared
from remediator.core.runbook import AnyRunbook, Cause, Planner

RESPONSES: tuple[str, ...] = ("auto", "ask", "tell", "hands over", "watches")
ANSWERS = {"Advise": "tell", "HandOver": "hands over", "Watch": "watches"}


def probes(runbook: AnyRunbook, holds: Callable[..., Any]) -> tuple[str, ...]:
    """The AWS calls behind the readings that a predicate asks, itself or through what it calls."""
    readers = {d.name: d.reader for d in declared(runbook.evidence)}
    asked = {
        node.attr
        for function in _reachable(holds, set())
        for node in ast.walk(_tree(function))
        if isinstance(node, ast.Attribute) and node.attr in readers and isinstance(node.value, ast.Name)
    }
    return tuple(dict.fromkeys(readers[name].source for name in readers if name in asked))


def responses(cause: Cause[Any]) -> tuple[str, ...]:
    """What the cause's planners may decide; a cause without a planner is told."""
    found = {answer for planner in cause.fixes for answer in _of_planner(planner)} or {"tell"}
    return tuple(r for r in RESPONSES if r in found)


def _of_planner(planner: Planner[Any]) -> Iterator[str]:
    for function in _reachable(planner.run, set()):
        for node in ast.walk(_tree(function)):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            if node.func.id in ANSWERS:
                yield ANSWERS[node.func.id]
            elif node.func.id == "Plan" and planner.permissions:
                yield from _of_plan(node)


def _of_plan(node: ast.Call) -> Iterator[str]:
    said = next((k.value for k in node.keywords if k.arg == "response"), None)
    if said is None:
        yield "auto"  # as Plan's default is
        return
    yield from (n.value for n in ast.walk(said) if isinstance(n, ast.Constant) and n.value in ("auto", "ask"))


@cache
def _tree(function: Any) -> ast.AST:
    return ast.parse(dedent(inspect.getsource(function)))


def _reachable(function: Any, seen: set[Any]) -> Iterator[Any]:
    function = getattr(function, "run", function)
    if not isinstance(function, FunctionType) or function in seen or not function.__module__.startswith("remediator."):
        return
    seen.add(function)
    yield function
    module = vars(sys.modules[function.__module__])
    own = set(inspect.signature(function).parameters)
    for node in ast.walk(_tree(function)):
        if isinstance(node, ast.Name) and node.id in module and node.id not in own:
            yield from _reachable(module[node.id], seen)
