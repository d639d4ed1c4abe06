"""What a function's source calls: literal actions and the names of their parameters, followed into what it uses."""

import ast
import inspect
import sys
from collections.abc import Callable, Iterator
from functools import cache
from textwrap import dedent
from types import FunctionType
from typing import Any

PRODUCT: tuple[str, ...] = ("remediator",)
Called = tuple[str, frozenset[str]]


def called_by_reader(run: Callable[..., Any]) -> frozenset[Called]:
    """`aws.call("svc:Op", name=...)` and `aws.pages(...)`, with the literal parameter names."""
    return frozenset(_calls(run))


def called_by_planner(run: Callable[..., Any]) -> frozenset[str]:
    """Actions of every `Call(action="svc:Op")` that the planner's code can build."""
    return frozenset(_planned(run))


@cache
def _tree(function: Any) -> ast.AST:
    return ast.parse(dedent(inspect.getsource(function)))


def _reachable(function: Any, seen: set[Any]) -> Iterator[Any]:
    function = getattr(function, "run", function)
    if not isinstance(function, FunctionType) or function in seen or not function.__module__.startswith(PRODUCT):
        return
    seen.add(function)
    yield function
    module = vars(sys.modules[function.__module__])
    own = set(inspect.signature(function).parameters)
    for node in ast.walk(_tree(function)):
        if isinstance(node, ast.Name) and node.id in module and node.id not in own:
            yield from _reachable(module[node.id], seen)


def _calls(run: Any) -> Iterator[Called]:
    for function in _reachable(run, set()):
        for node in ast.walk(_tree(function)):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("call", "pages")
            ):
                first = node.args[0]
                assert isinstance(first, ast.Constant), f"{function}: the action must be a literal"
                yield first.value, frozenset(k.arg for k in node.keywords if k.arg)


def _planned(run: Any) -> Iterator[str]:
    for function in _reachable(run, set()):
        for node in ast.walk(_tree(function)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Call":
                yield from (
                    k.value.value for k in node.keywords if k.arg == "action" and isinstance(k.value, ast.Constant)
                )
