"""What a person says to an open question or an incident: `remediator approve`, `refuse`, `hold`, `ack`."""

from typing import Annotated

import typer
from rich.console import Console

from ops.options import STACK, Region, StackName

Reference = Annotated[str, typer.Argument(help="as the report names it: <incident>-<8 hex>")]


def approve(reference: Reference, *, stack: StackName = STACK, region: Region = None) -> None:
    """Approve exactly the plan that the reference names. Every gate runs again before it is applied.

    Exit status: 0 where the answer was taken, 1 where it was not.
    """
    _send(reference, "approve", stack, region)


def refuse(reference: Reference, *, stack: StackName = STACK, region: Region = None) -> None:
    """Refuse the plan that the reference names; the incident goes on without a change.

    Exit status: 0 where the answer was taken, 1 where it was not.
    """
    _send(reference, "refuse", stack, region)


def hold(reference: Reference, *, stack: StackName = STACK, region: Region = None) -> None:
    """Put the decision off: the same question is asked again and stays open for another hour, once.

    Nothing is changed meanwhile. After an approval every gate runs again, so a situation that has moved is noticed.

    Exit status: 0 where the answer was taken, 1 where it was not.
    """
    _send(reference, "hold", stack, region)


def ack(
    incident: Annotated[str, typer.Argument(help="id of the incident, as its reports name it")],
    *,
    stack: StackName = STACK,
    region: Region = None,
) -> None:
    """Take an incident over: it escalates no more. The program goes on looking, asking and reporting.

    Exit status: 0 where it was taken (or somebody has it already: it says who), 1 where it was not.
    """
    _send(incident, "ack", stack, region)


COMMANDS = (approve, refuse, hold, ack)


def _send(reference: str, answer: str, stack: str, region: str | None) -> None:
    from ops import deployed  # noqa: PLC0415

    outcome = deployed.Deployment(stack, region).answer(reference, answer)
    Console().print_json(data=outcome)
    raise typer.Exit(0 if outcome.get("accepted") else 1)
