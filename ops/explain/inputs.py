"""The eight shapes of input, each to what explains it, and the guard around all of them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from remediator.core.text import Text

from .ecs import explained_message, explained_stop, stop_of, text_of
from .error_codes import BY_ID, codes_in
from .events import explained_event
from .explanation import Explained, cleaned, shown, shown_json, unknown
from .services import explained_dynamodb, explained_log, explained_metric, explained_policy, explained_target

LOG_CHARS = 1_000_000


def _text(value: Any) -> str:
    return text_of(value, LOG_CHARS)


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


SHAPES: Mapping[str, Callable[[Any], Explained]] = {
    "ecs_stopped_task": lambda v: explained_stop(stop_of(_object(v))),
    "ecs_service_message": lambda v: explained_message(_text(v)),
    "target_health": lambda v: explained_target(_object(v)),
    "dynamodb_error": lambda v: explained_dynamodb(_object(v)),
    "dynamodb_metric": lambda v: explained_metric(_text(_object(v).get("namespace")), _text(_object(v).get("name"))),
    "bucket_policy": lambda v: explained_policy(_object(v)),
    "log": lambda v: explained_log(_text(v)),
    "event": lambda v: explained_event(_object(cleaned(v))),
}
EVENT_TEXTS = ("ecs_stopped_task", "dynamodb_error", "event")


def explain(given: Mapping[str, Any]) -> Explained:
    """What one input tells. Nothing that it may hold raises; a shape that nobody defined is unknown.

    Args:
        given: exactly one of the keys of `SHAPES` with its value.
    """
    shape = next(iter(given), "") if len(_object(given)) == 1 else ""
    if shape not in SHAPES:
        return replace(unknown(NO_SHAPE), redacted=_redacted(given))
    value = given[shape]
    try:
        explained = SHAPES[shape](value)
    except (ValueError, TypeError, LookupError, RecursionError, ArithmeticError, AttributeError) as error:
        explained = unknown(
            Text(f"not understood ({type(error).__name__})", f"解釈できません（{type(error).__name__}）")
        )
    redacted = _redacted(value)
    code = (
        explained.code or next(iter(codes_in(_said(shape, value, redacted))), "") if explained.outcome != "ok" else ""
    )
    also = explained.also or (BY_ID[code].leads_to if code and explained.outcome == "unknown" else ())
    return replace(explained, code=code, also=also, redacted=redacted)


def _said(shape: str, value: Any, redacted: str) -> str:
    return redacted if shape in EVENT_TEXTS or isinstance(value, str) else ""


def _redacted(value: Any) -> str:
    try:
        return shown(value) if isinstance(value, str) else shown_json(value)
    except (ValueError, TypeError, RecursionError):
        return ""


NO_SHAPE = Text("none of the shapes that are explained", "説明できる形式ではありません")
