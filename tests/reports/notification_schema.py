"""The custom notification of Amazon Q Developer in chat applications: its documented fields, and no other.

Source: AWS, Amazon Q Developer in chat applications, "Custom notifications". A message that does not keep to it is dropped
without a word, so an unknown field is a fault here.
"""

from collections.abc import Iterator, Mapping
from typing import Any

FIELDS: Mapping[str, Any] = {"version": str, "source": str, "id": str, "content": dict, "metadata": dict}
CONTENT: Mapping[str, Any] = {"textType": str, "title": str, "description": str, "nextSteps": list, "keywords": list}
METADATA: Mapping[str, Any] = {
    "threadId": str,
    "summary": str,
    "eventType": str,
    "relatedResources": list,
    "additionalContext": dict,
    "enableCustomActions": bool,
}
REQUIRED = {"": {"version", "source", "content"}, "content": {"description"}, "metadata": set()}
BUTTONS_KNOW = {"ActionGroup", "incidentId", "reference"}


def faults(message: Mapping[str, Any]) -> Iterator[str]:
    """Each way in which `message` is no custom notification."""
    yield from _object("", message, FIELDS)
    yield from _object("content", message.get("content", {}), CONTENT)
    yield from _object("metadata", message.get("metadata", {}), METADATA)
    if (message.get("version"), message.get("source")) != ("1.0", "custom"):
        yield "it is no custom notification of version 1.0"
    if message.get("content", {}).get("textType", "client-markdown") != "client-markdown":
        yield "textType"
    yield from _context(message.get("metadata", {}).get("additionalContext", {}))


def _object(where: str, value: Mapping[str, Any], known: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{where}.{name} is not documented" for name in value if name not in known)
    yield from (f"{where}.{name} is missing" for name in REQUIRED[where] if not value.get(name))
    for name, member in value.items():
        if name in known and not isinstance(member, known[name]):
            yield f"{where}.{name} is a {type(member).__name__}"
        if isinstance(member, list) and not all(isinstance(m, str) and m for m in member):
            yield f"{where}.{name} holds what is no text"


def _context(context: Mapping[str, Any]) -> Iterator[str]:
    """Buttons carry texts, and nothing but the incident and the open question."""
    yield from (f"a button would know {name}" for name in context if name not in BUTTONS_KNOW)
    yield from (f"{name} is no text" for name, value in context.items() if not isinstance(value, str))
