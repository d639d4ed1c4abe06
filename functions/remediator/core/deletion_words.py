"""A refused deletion within one text, where an SDK or a log gives operation, exception and message as one sentence."""

import re

from .undeletable import Refusal, refusal

# botocore's sentence, the AWS CLI's the same; the Go SDK's; the Java SDK's end of line.
OPERATION = re.compile(r"when calling the (\w{2,60}) operation|operation error DynamoDB: (\w{2,60})")
EXCEPTION = re.compile(r"\b((?:[\w.]{1,120}#)?[A-Z]\w{2,60}Exception)\b")
TEXT_CHARS = 20_000


def operation_in(text: str) -> str:
    """The operation that the text names, empty where it names none."""
    found = OPERATION.search(text[:TEXT_CHARS])
    return (found[1] or found[2]) if found else ""


def refused(text: str, operation: str = "") -> Refusal | None:
    """What a refusal means that a text tells of; None where it is about something else than deleting a table."""
    looked_at = text[:TEXT_CHARS]
    named = EXCEPTION.search(looked_at)
    exception, at = (named[1], named.end()) if named else ("", 0)
    if not named and "still in use" in looked_at:
        exception = "ResourceInUseException"
    if not named and ("accessdenied" in looked_at.lower() or "not authorized" in looked_at):
        return None
    message = looked_at[at:].partition(" operation")[2] or looked_at[at:]
    return refusal(exception, message, operation or operation_in(looked_at) or "DeleteTable")
