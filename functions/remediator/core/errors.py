"""Errors by what must happen next.

RemediatorError
├── Retryable        the same call may work in a moment: throttling, 5xx, a lost connection
├── ForAPerson       a person must act: a permission is missing, a resource is gone
│   ├── Denied           names the action and the resource that IAM refused
│   ├── NotFound         the resource does not exist (any more)
│   └── Rejected         AWS understood the request and refused it
├── Unknown          a write was sent and no answer came: look again, never repeat
├── EventNotUnderstood   the event is not what AWS documents: dead-letter queue
└── Defect           our own mistake: alarm, no retry
    └── Undeclared       a call that its runbook does not declare
"""


class RemediatorError(Exception):
    """Root of all errors raised on purpose."""


class Retryable(RemediatorError):
    """The same call may succeed in a moment."""


class ForAPerson(RemediatorError):
    """Nothing the program can do; the report says who must do what."""


class Denied(ForAPerson):
    """IAM refused `action`; the message is AWS's, redacted by whoever shows it."""

    def __init__(self, action: str, message: str) -> None:
        super().__init__(f"{action} is not allowed: {message}")
        self.action = action


class NotFound(ForAPerson):
    """The resource does not exist, or no longer."""


class Rejected(ForAPerson):
    """AWS refused the request for a reason that repeating does not change."""

    def __init__(self, action: str, code: str, message: str) -> None:
        super().__init__(f"{action}: {code}: {message}")
        self.action = action
        self.code = code


class Unknown(RemediatorError):
    """A write was sent and its outcome is not known (timeout, 5xx, interrupted process)."""


class EventNotUnderstood(RemediatorError):
    """The event lacks what AWS documents; the message names the missing part."""


class Defect(RemediatorError):
    """A mistake in this program."""


class Undeclared(Defect):
    """A call was made that the runbook does not declare."""
