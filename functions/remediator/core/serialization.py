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
_ALREADY_PLAIN: Final = frozenset((str, int, float, bool, type(None)))


def to_json(value: Any) -> Any:
    """`value` as JSON types only; tuples become lists, dataclasses objects."""
    kind: Any = type(value)
    if kind in _ALREADY_PLAIN:
        return value
    names = _names(kind)
    if names is not None:
        return {TAG: kind.__name__, **{name: to_json(getattr(value, name)) for name in names}}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(k): to_json(v) for k, v in value.items()}
    if isinstance(value, tuple | list | set | frozenset):
        return [to_json(v) for v in value]
    return value


def canonical(value: Any) -> str:
    """One text for equal values, whatever the order of their keys: what hashes are made of."""
    return json.dumps(to_json(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


# What types say of themselves is asked once: it costs more than the reading itself.


@cache
def _names(kind: type) -> tuple[str, ...] | None:
    """The fields of a dataclass, None of anything else."""
    return tuple(f.name for f in fields(kind)) if is_dataclass(kind) else None


@cache
def _hints(kind: Any) -> tuple[tuple[str, Any], ...]:
    """The fields of a dataclass with their types; of a generic one as it is bound."""
    origin = get_origin(kind)
    hints = typing.get_type_hints(origin or kind)
    bound = dict(zip(origin.__parameters__, get_args(kind), strict=True)) if origin else {}
    return tuple((f.name, _bind(hints[f.name], bound)) for f in fields(origin or kind))


@cache
def _holder(kind: Any) -> Any:
    """What holds values of `kind`: tuple, Mapping, Union, the class of a dataclass or of an Enum, else None."""
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return Union
    if origin in (Mapping, dict):
        return Mapping
    if origin is None and isinstance(kind, type) and (is_dataclass(kind) or issubclass(kind, Enum)):
        return kind
    return origin if origin is tuple or is_dataclass(origin) else None


def from_json(cls: type[T], value: Any) -> T:
    """The `cls` that `to_plain` wrote; unknown keys are ignored, missing ones use the default.

    Raises:
        TypeError: a field without default is missing.
    """
    return typing.cast("T", _read(cls, value))


def _read(kind: Any, value: Any) -> Any:
    holder = _holder(kind)
    if holder is None:
        return value
    if holder is Union:
        return _read_union(get_args(kind), value)
    if holder is tuple:
        return tuple(_read(get_args(kind)[0], v) for v in value) if isinstance(value, list | tuple) else value
    if holder is Mapping:
        return {k: _read(get_args(kind)[1], v) for k, v in value.items()} if isinstance(value, Mapping) else value
    if is_dataclass(holder):
        return _read_fields(holder, kind, value) if isinstance(value, Mapping) else value
    return holder(value)


def _read_fields(cls: Any, kind: Any, value: Mapping[str, Any]) -> Any:
    return cls(**{name: _read(hint, value[name]) for name, hint in _hints(kind) if name in value})


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
