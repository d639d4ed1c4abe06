"""Frozen dataclasses to plain JSON values and back, so that evidence can be stored and replayed."""

import json
import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, Final, TypeVar, Union, get_args, get_origin

T = TypeVar("T")
Json = dict[str, Any]
TAG: Final = "type"  # names the class where a field may hold one of several


def to_plain(value: Any) -> Any:
    """`value` as JSON types only; tuples become lists, dataclasses objects."""
    if is_dataclass(value) and not isinstance(value, type):
        named = {f.name: to_plain(getattr(value, f.name)) for f in fields(value)}
        return {TAG: type(value).__name__, **named}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(k): to_plain(v) for k, v in value.items()}
    if isinstance(value, tuple | list | set | frozenset):
        return [to_plain(v) for v in value]
    return value


def canonical(value: Any) -> str:
    """One text for equal values, whatever the order of their keys: what hashes are made of."""
    return json.dumps(to_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@cache
def _hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def from_plain(cls: type[T], value: Any) -> T:
    """The `cls` that `to_plain` wrote; unknown keys are ignored, missing ones use the default.

    Raises:
        TypeError: a field without default is missing.
    """
    return typing.cast("T", _read(cls, value))


def _read(kind: Any, value: Any) -> Any:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _read_union(get_args(kind), value)
    if origin is tuple and isinstance(value, list | tuple):
        return tuple(_read(get_args(kind)[0], v) for v in value)
    if origin in (Mapping, dict) and isinstance(value, Mapping):
        return {k: _read(get_args(kind)[1], v) for k, v in value.items()}
    if origin is not None and is_dataclass(origin):
        return _read_generic(origin, get_args(kind), value)
    if isinstance(kind, type) and is_dataclass(kind) and isinstance(value, Mapping):
        hints = _hints(kind)
        given = {f.name: _read(hints[f.name], value[f.name]) for f in fields(kind) if f.name in value}
        return kind(**given)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    return value


def _read_generic(origin: Any, arguments: tuple[Any, ...], value: Mapping[str, Any]) -> Any:
    bound = dict(zip(origin.__parameters__, arguments, strict=True))
    hints = {k: _bind(h, bound) for k, h in _hints(origin).items()}
    return origin(**{f.name: _read(hints[f.name], value[f.name]) for f in fields(origin) if f.name in value})


def _bind(hint: Any, bound: Mapping[Any, Any]) -> Any:
    if hint in bound:
        return bound[hint]
    free = getattr(hint, "__parameters__", ())
    return hint[tuple(bound[p] for p in free)] if free else hint


def _read_union(kinds: tuple[Any, ...], value: Any) -> Any:
    if value is None:
        return None
    tagged = value.get(TAG) if isinstance(value, Mapping) else None
    for kind in kinds:
        if tagged and getattr(get_origin(kind) or kind, "__name__", None) == tagged:
            return _read(kind, value)
    rest = [k for k in kinds if k is not type(None)]
    return _read(rest[0], value) if len(rest) == 1 else value
