"""What is read of an expired temporary capacity increase: `Evidence` before the diagnosis, `Outcome` to verify a change."""

from dataclasses import dataclass

from ...core.evidence import Reading, reading
from ...core.lease import Loan
from . import readers
from .model import BorrowedState, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is read before the decision."""

    loan: Reading[Loan] = reading(readers.loan, recheck=True)
    held: Reading[BorrowedState] = reading(readers.held, recheck=True)
    usage: Reading[Usage] = reading(readers.usage, after=("held",), recheck=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is read to prove a step: the values, and CloudWatch, which knows nothing of the call."""

    loan: Reading[Loan] = reading(readers.loan)
    held: Reading[BorrowedState] = reading(readers.held)
    lately: Reading[Usage] = reading(readers.lately, after=("held",))
