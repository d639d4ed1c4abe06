"""`remediator recover`: the guide's recovery procedures, looked at and started by hand. Nothing here writes."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from ops.commands.options import STACK, AsJson, LanguageChoice, Region, StackName, language_named
from ops.commands.recover_session import How, run
from remediator.core.errors import EventNotUnderstood
from remediator.events.recovery_requests import INDEX, LARGEST_NUMBER, TARGETS_AT_MOST, AskedTarget, target

EXITS = (
    "Exit status: 0 where it was looked at, started, or (with --wait) proved; 1 where AWS or the deployment failed, or "
    "it is not proved; 2 for a wrong option or a resource that is not there; 3 where it is refused, or you said no."
)
app = typer.Typer(
    help="The guide's recovery procedures for one named resource: look, or let the deployed function act on it.",
    no_args_is_help=True,
)
Restart = Annotated[bool, typer.Option("--restart", help="force a new deployment of the same definition")]
Tasks = Annotated[int | None, typer.Option("--count", min=1, max=LARGEST_NUMBER, help="set the number of tasks")]
Index = Annotated[str, typer.Option("--index", help="of this index instead of the table itself")]
Units = Annotated[int | None, typer.Option(min=1, max=LARGEST_NUMBER, help="provisioned units to raise to")]
OnDemand = Annotated[bool, typer.Option("--on-demand", help="switch to billing by the request")]
Register = Annotated[list[str] | None, typer.Option("--register", help="ID:PORT; may be repeated")]
Deregister = Annotated[list[str] | None, typer.Option("--deregister", help="ID or ID:PORT; may be repeated")]
Yes = Annotated[bool, typer.Option("--yes", help="start it without asking; needed where no terminal is attached")]
Wait = Annotated[bool, typer.Option("--wait", help="wait until it is proved, at most 40 minutes")]


@app.command(epilog=EXITS)
def ecs(  # noqa: PLR0913  # each is an option
    service: Annotated[str, typer.Argument(help="CLUSTER/SERVICE, or the service's ARN")],
    *,
    restart: Restart = False,
    count: Tasks = None,
    yes: Yes = False,
    wait: Wait = False,
    stack: StackName = STACK,
    region: Region = None,
    as_json: AsJson = False,
    language: LanguageChoice = "en",
) -> None:
    """An ECS service: look; or replace its tasks by fresh ones, or set their number.

    Without --restart or --count it only looks, with your own credentials. With one of them it shows the exact plan,
    asks, and lets the deployed function do just that, through all its gates: tag, switch, cooldown, budgets, lock.
    """
    if restart and count is not None:
        raise typer.BadParameter("--restart or --count, one change at a time")
    wanted = {"action": "restart"} if restart else {"action": "count", "count": count} if count is not None else {}
    run(
        "ecs",
        service,
        wanted,
        How(yes=yes, wait=wait, stack=stack, region=region, as_json=as_json, language=language_named(language)),
    )


@app.command(epilog=EXITS)
def dynamodb(  # noqa: PLR0913  # each is an option
    table: Annotated[str, typer.Argument(help="the table's name or ARN")],
    *,
    index: Index = "",
    read: Units = None,
    write: Units = None,
    on_demand: OnDemand = False,
    yes: Yes = False,
    wait: Wait = False,
    stack: StackName = STACK,
    region: Region = None,
    as_json: AsJson = False,
    language: LanguageChoice = "en",
) -> None:
    """A DynamoDB table: look; or raise its capacity (autoscaling's bounds where it owns it), or switch to on-demand.

    Without --read, --write or --on-demand it only looks, with your own credentials. To prove a change the deployed
    function counts one item (Scan, Limit 1, Select COUNT): no item is read.
    """
    units = {n: v for n, v in (("read", read), ("write", write)) if v is not None}
    if on_demand and (units or index):
        raise typer.BadParameter("--on-demand goes for the whole table and takes no --read, --write or --index")
    if index and not INDEX.fullmatch(index):
        raise typer.BadParameter(f"--index: {index} is no name of an index")
    wanted: dict[str, Any] = {"action": "on_demand"} if on_demand else {"action": "capacity", **units} if units else {}
    run(
        "dynamodb",
        table,
        {**wanted, "index": index},
        How(yes=yes, wait=wait, stack=stack, region=region, as_json=as_json, language=language_named(language)),
    )


@app.command(epilog=EXITS)
def alb(  # noqa: PLR0913  # each is an option
    target_group: Annotated[str, typer.Argument(help="the target group's name or ARN")],
    *,
    register: Register = None,
    deregister: Deregister = None,
    yes: Yes = False,
    wait: Wait = False,
    stack: StackName = STACK,
    region: Region = None,
    as_json: AsJson = False,
    language: LanguageChoice = "en",
) -> None:
    """A load balancer's targets: look; or register and deregister instances or IPv4 addresses.

    Without --register or --deregister it only looks, with your own credentials. Refused: what ECS registers itself,
    and whatever would leave no healthy target.
    """
    wanted: dict[str, Any] = {
        "register": _targets(register, "--register", port_needed=True),
        "deregister": _targets(deregister, "--deregister", port_needed=False),
    }
    wanted = {"action": "targets", **wanted} if any(wanted.values()) else {}
    run(
        "alb",
        target_group,
        wanted,
        How(yes=yes, wait=wait, stack=stack, region=region, as_json=as_json, language=language_named(language)),
    )


def _targets(texts: Sequence[str] | None, option: str, *, port_needed: bool) -> tuple[AskedTarget, ...]:
    if texts and len(texts) > TARGETS_AT_MOST:
        raise typer.BadParameter(f"{option}: at most {TARGETS_AT_MOST}")
    try:
        return tuple(sorted({target(t, port_needed=port_needed) for t in texts or ()}))
    except EventNotUnderstood as error:
        raise typer.BadParameter(f"{option}: {error}") from error
