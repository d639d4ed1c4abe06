"""`remediator incidents`, `incident` and `watch`, as typer reads them."""

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ops.commands.options import STACK, AsJson, LanguageChoice, Region, StackName, language_named

console = Console()


def incidents(
    *,
    most: Annotated[int, typer.Option("--most", min=1, help="how many, newest first")] = 20,
    stack: StackName = STACK,
    region: Region = None,
    language: LanguageChoice = "en",
    as_json: AsJson = False,
) -> None:
    """The newest incidents of the deployment, from its ledger.

    Exit status: 0; 1 where AWS refused.
    """
    from ops.deployment import deployed  # noqa: PLC0415
    from ops.incidents import incidents as listing  # noqa: PLC0415

    chosen = language_named(language)
    found = deployed.Deployment(stack, region).incidents(most)
    if as_json:
        console.print_json(data=[listing.as_json(i) for i in found])
    else:
        console.print(listing.as_table(found, chosen))


def one_incident(  # noqa: PLR0913  # its options
    incident: Annotated[str, typer.Argument(help="id of the incident, as every report names it")],
    *,
    html: Annotated[Path | None, typer.Option("--html", help="write its page to this file")] = None,
    plots: Annotated[
        bool, typer.Option("--plots/--no-plots", help="read its metrics from CloudWatch for the page")
    ] = True,
    stack: StackName = STACK,
    region: Region = None,
    language: LanguageChoice = "en",
    as_json: AsJson = False,
) -> None:
    """One incident: what broke, what was done, what proves it, how to undo it, and what happened when.

    With --html its page: the same with metrics, causes, the change as a difference and the ledger's trail, in one file
    that needs nothing else. With --json all that the ledger holds of it.

    Exit status: 0; 1 where there is no such incident or AWS refused; 2 where the file cannot be written.
    """
    from ops.commands import look  # noqa: PLC0415
    from ops.deployment import deployed  # noqa: PLC0415
    from ops.incidents import incident as showing  # noqa: PLC0415
    from remediator.incidents.record import record_of  # noqa: PLC0415

    chosen, settings = language_named(language), look.declared_settings()
    deployment = deployed.Deployment(stack, region)
    dossier = record_of(deployment.record(incident))
    if html:
        found = showing.plots_of(dossier, settings, deployment.clients) if plots else ()
        try:
            showing.write_page(html, dossier, settings, chosen, found)
        except OSError as error:
            raise typer.BadParameter(f"--html: {error}") from error
    if as_json:
        console.print_json(data=showing.as_json(dossier))
    else:
        console.print(showing.on_terminal(dossier, settings, chosen))
    if html and not as_json:
        console.print(f"Its page is {html}")


def watch(  # noqa: PLR0913  # its options
    *,
    every_s: Annotated[float, typer.Option("--every", min=1, help="seconds between two looks at the ledger")] = 10,
    looks: Annotated[int, typer.Option("--looks", min=0, help="so many looks; 0: until Ctrl-C")] = 0,
    most: Annotated[int, typer.Option("--most", min=1, help="how many, newest first")] = 20,
    stack: StackName = STACK,
    region: Region = None,
    language: LanguageChoice = "en",
    as_json: AsJson = False,
) -> None:
    """The newest incidents as they go on. With --json a line for each that is new or has changed.

    Exit status: 0, also after Ctrl-C; 1 where AWS refused.
    """
    from ops.deployment import deployed  # noqa: PLC0415
    from ops.incidents import incidents as listing  # noqa: PLC0415

    chosen, deployment = language_named(language), deployed.Deployment(stack, region)
    with suppress(KeyboardInterrupt):
        listing.watch(
            lambda: deployment.incidents(most), console, every_s=every_s, looks=looks, lines=as_json, language=chosen
        )
