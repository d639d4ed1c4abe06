"""Terms of an IAM policy statement: patterns with wildcards, actions, principals, and what stands in as a placeholder.

Source: AWS, IAM User Guide, "IAM JSON policy elements" (Action and condition keys ignore case, Resource and Principal do
not; `*` and `?` are wildcards in actions, resources and the Like operators).
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from ...redaction.redact import outside, redact

LISTED_AT_MOST = 500  # entries of one element; S3 takes policies of 20 KB, which hold fewer
PLACEHOLDER = re.compile(
    r"<[^<>]*>|\[[^\[\]]*\]|\{[^{}$]*\}|\bYOUR[-_ A-Z]*|\bREPLACE[-_ A-Z]*|\bX{6,}\b", re.IGNORECASE
)
SHARED_SECRETS = ("aws:referer", "aws:useragent")  # what a distribution can send along so that its origin knows it
HIDDEN = "[redacted]"
POLICY_SHOWN_CHARS = 20_000


def listed(value: Any) -> tuple[Any, ...]:
    """What an element holds, whether it was written as one or as a list; nothing where it is left out."""
    if value is None:
        return ()
    return tuple(value[:LISTED_AT_MOST]) if isinstance(value, list | tuple) else (value,)


def texts(value: Any) -> tuple[str, ...]:
    """The texts of an element; booleans and numbers as JSON writes them."""
    return tuple(_text(v) for v in listed(value) if isinstance(v, str | bool | int | float))


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def matches(pattern: str, text: str) -> bool:
    """Whether `text` fits a pattern with `*` and `?`; takes no more than length times length steps."""
    at = seen = 0
    star, resume = -1, 0
    while seen < len(text):
        if at < len(pattern) and pattern[at] == "*":
            star, resume = at, seen
            at += 1
        elif at < len(pattern) and (pattern[at] == "?" or pattern[at] == text[seen]):
            at, seen = at + 1, seen + 1
        elif star >= 0:
            at, resume = star + 1, resume + 1
            seen = resume
        else:
            return False
    return all(c == "*" for c in pattern[at:])


def names_action(statement: Mapping[str, Any], action: str) -> bool:
    """Whether the statement is about `action`, by `Action` or by `NotAction`."""
    wanted = action.lower()
    if "NotAction" in statement:
        return not any(matches(a.lower(), wanted) for a in texts(statement["NotAction"]))
    return any(matches(a.lower(), wanted) for a in texts(statement.get("Action")))


def is_placeholder(text: str) -> bool:
    """Whether a person still has to put a value there: `<id>`, `YOUR-BUCKET`."""
    return PLACEHOLDER.search(text) is not None


def principals(statement: Mapping[str, Any], element: str = "Principal") -> tuple[tuple[str, str], ...]:
    """Who is named, as pairs of type and value: `("Service", "cloudfront.amazonaws.com")`; everyone is `("AWS", "*")`."""
    found = statement.get(element)
    if isinstance(found, str):
        return (("AWS", found),)
    if not isinstance(found, Mapping):
        return ()
    return tuple((str(kind), value) for kind in list(found)[:10] for value in texts(found[kind]))


def condition_keys(statement: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The conditions of a statement as pairs of operator and key; none where they are not written as conditions."""
    found = statement.get("Condition")
    blocks = list(found.items())[:LISTED_AT_MOST] if isinstance(found, Mapping) else ()
    return tuple(
        (str(o), str(k)) for o, block in blocks if isinstance(block, Mapping) for k in list(block)[:LISTED_AT_MOST]
    )


def without_secrets(text: str) -> tuple[str, bool]:
    """A policy's text fit to be stored, and whether a value of its conditions was hidden for that.

    Source of what counts as one: AWS, CloudFront Developer Guide, website endpoints restricted by a secret `Referer`.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return outside(text, POLICY_SHOWN_CHARS), True
    hidden = False
    found = document.get("Statement") if isinstance(document, Mapping) else None
    for statement in listed(found):
        conditions = statement.get("Condition") if isinstance(statement, Mapping) else None
        for block in conditions.values() if isinstance(conditions, Mapping) else ():
            for key, value in list(block.items()) if isinstance(block, dict) else ():
                if key.lower() in SHARED_SECRETS or any(redact(v) != v for v in texts(value)):
                    block[key], hidden = HIDDEN, True
    return (json.dumps(document), True) if hidden else (text, False)
