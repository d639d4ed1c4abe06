"""The `remediator` command: what an engineer runs on a laptop."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ops.commands import answer, recover
from ops.commands.options import STACK, AsJson, LanguageChoice, Region, StackName, language_named
from ops.gates.command import explain_gates
from ops.incidents.command import incidents, one_incident, watch
from remediator.core.errors import RemediatorError
from remediator.redaction.redact import outside

app = typer.Typer(
    help="Event-driven auto-remediation for ECS, ALB, DynamoDB and CloudFront: see it work, look into incidents, answer questions.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(recover.app, name="recover")
for command in answer.COMMANDS:
    app.command()(command)
app.command()(explain_gates)
app.command()(incidents)
app.command(name="incident")(one_incident)
app.command()(watch)
console = Console()


@app.command()
def demo(
    scenarios: Annotated[list[str] | None, typer.Argument(help="names; one of each problem where left out")] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="every scenario; takes some minutes")] = False,
    listing: Annotated[bool, typer.Option("--list", help="name the scenarios and run none")] = False,
    pages: Annotated[Path | None, typer.Option("--pages", help="write each incident's page to this folder")] = None,
    language: LanguageChoice = "en",
    as_json: AsJson = False,
) -> None:
    """Break the guide's portfolio on this machine, and watch the real handlers heal it. No AWS account is used.

    Exit status: 0 where every scenario ended as it should, 1 otherwise, 2 for an unknown name.
    """
    from ops.commands.demo import list_scenarios, run_demo  # noqa: PLC0415  # moto takes a second to load

    chosen = language_named(language)
    if listing:
        list_scenarios(console, chosen, as_json=as_json)
        return
    status = run_demo(scenarios or [], console, chosen, everything=everything, pages=pages, as_json=as_json)
    raise typer.Exit(status)


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(help="a saved raw event; - reads standard input")],
    *,
    apply: Annotated[bool, typer.Option("--apply", help="let the deployed function fix it, through all gates")] = False,
    stack: StackName = STACK,
    region: Region = None,
    language: LanguageChoice = "en",
    as_json: AsJson = False,
) -> None:
    """Look at a saved event again: diagnose the real account with your own credentials. Changes nothing.

    With --apply the deployed function does the work, under an incident of its own, with the same lock, budgets and
    gates: nothing on this machine ever writes.

    Exit status: 0; 1 where AWS refused, or --apply began nothing; 2 where the file holds no event.
    """
    from ops.commands import look  # noqa: PLC0415
    from ops.deployment import deployed  # noqa: PLC0415

    event, chosen = _event(file), language_named(language)
    if apply:
        response = deployed.Deployment(stack, region).invoke_intake(
            {"replay": event, "apply": True, "by": deployed.who(region)}
        )
        raise typer.Exit(answer.show_begun(response, chosen, as_json=as_json))
    looked = list(look.at_event(event, region, chosen))
    if as_json:
        console.print_json(data=[one.as_json(chosen) for one in looked])
    for one in () if as_json else looked:
        typer.echo(one.in_words(chosen))


@app.command()
def explain(
    text: Annotated[str, typer.Argument(help="what AWS said, in quotes; - reads standard input")] = "",
    *,
    file: Annotated[Path | None, typer.Option("--file", help="a file that holds it; - reads standard input")] = None,
    jsonl: Annotated[
        Path | None, typer.Option("--jsonl", help="answers {id, input} lines of a file with one line each; - is stdin")
    ] = None,
    language: LanguageChoice = "en",
    as_json: AsJson = False,
) -> None:
    """What AWS's words mean: the guide's row, why, what to do, how to be sure. No AWS account is used.

    Takes a stop reason, service event, target health, DynamoDB error, bucket policy, log excerpt or whole event. Paste text or JSON as AWS shows it, the answers of describe-tasks, describe-services and describe-target-health
    included; what it is, is told by its look. Secrets are taken out of everything that is printed.

    Exit status: 0 whatever was found, 2 where nothing could be read.
    """
    from ops.commands import explain as explaining  # noqa: PLC0415

    chosen = language_named(language)
    if jsonl is not None:
        _explain_lines(jsonl)
        return
    source = str(file) if file is not None else text or ("" if sys.stdin.isatty() else "-")
    if not source:
        raise typer.BadParameter("give the text as an argument, with --file, or on standard input")
    try:
        found = explaining.read(source) if file is not None or source == "-" else text
    except OSError as error:
        raise typer.BadParameter(str(error)) from error
    typer.echo(explaining.as_json(found, chosen) if as_json else explaining.in_words(found, chosen))


@app.command()
def guide(*, as_json: AsJson = False, language: LanguageChoice = "en") -> None:
    """Every row of the guide: what reads it, what is done about it, what tests it, and whether anything is missing.

    Exit status: 0 where every row is covered, 1 otherwise. Needs a checkout: tests and stories are part of it.
    """
    from ops.guide import table as guide_table  # noqa: PLC0415

    rows = guide_table.rows()
    if as_json:
        console.print_json(data=guide_table.as_json(rows, language_named(language)))
    else:
        guide_table.show(rows, console, language_named(language))
    raise typer.Exit(0 if all(row.covered for row in rows) else 1)


@app.command()
def redrive(  # noqa: PLR0913  # its options
    *,
    only: Annotated[str, typer.Option("--only", help="intake, rules, remediate or slack; all where left out")] = "",
    most: Annotated[int, typer.Option("--most", min=1, help="hand back at most so many of each queue")] = 100,
    yes: Annotated[bool, typer.Option("--yes", help="hand back without asking")] = False,
    stack: StackName = STACK,
    region: Region = None,
    language: LanguageChoice = "en",
    as_json: AsJson = False,
) -> None:
    """Hand dead letters back to where they were going, once what stopped them is mended.

    Says how many wait in each queue; hands back after a yes. Each is sent first and deleted then: sent twice, it joins
    its own incident. What was not for this program's queue is kept and named.

    Exit status: 0 where everything asked for was handed back, 1 where AWS refused or a message was kept, 2 for a
    wrong option, 3 where nobody said yes.
    """
    from ops.commands import redrive_session as redrive_run  # noqa: PLC0415
    from ops.deployment import deployed  # noqa: PLC0415

    ways = redrive_run.ways(only)
    letters = deployed.Deployment(stack, region).letters()
    chosen = redrive_run.there(letters, ways)
    telling = redrive_run.Telling(console, language_named(language), as_json)
    raise typer.Exit(redrive_run.run(letters, chosen, telling, most=most, yes=yes))


@app.command()
def preflight(
    *,
    only: Annotated[str, typer.Option("--only", help="checks by name, with commas between them")] = "",
    stack: StackName = STACK,
    region: Region = None,
    language: LanguageChoice = "en",
    as_json: AsJson = False,
) -> None:
    """Is your account ready: credentials, region, bootstrap, trail, tags, declared workloads, readers? Writes nothing.

    Exit status: 0 where nothing was found that stops a deployment, 1 where it would fail, 2 for an unknown check.
    """
    from ops.deployment import preflight as looking  # noqa: PLC0415

    wanted = [name.strip() for name in only.split(",") if name.strip()]
    if unknown := sorted(set(wanted) - set(looking.NAMES)):
        raise typer.BadParameter(f"--only: {', '.join(unknown)}; there are {', '.join(looking.NAMES)}")
    chosen = language_named(language)
    outcome = looking.preflight(region, stack, wanted)
    typer.echo(outcome.as_json(chosen) if as_json else "\n".join(outcome.lines(chosen)))
    raise typer.Exit(0 if outcome.ready else 1)


def _explain_lines(file: Path) -> None:
    from ops.commands import explain as explaining  # noqa: PLC0415

    try:
        source = sys.stdin.buffer if str(file) == "-" else file.open("rb")
    except OSError as error:
        raise typer.BadParameter(str(error)) from error
    with source:
        explaining.stream(source, sys.stdout, sys.stderr)


def _event(file: Path) -> dict[str, object]:
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text()
        event = json.loads(text)
    except (OSError, ValueError) as error:
        raise typer.BadParameter(f"{file}: {error}") from error
    if not isinstance(event, dict):
        raise typer.BadParameter(f"{file}: an event is a JSON object")
    return event


def main() -> None:
    """Runs the command; an error that says what to do is printed without a stack trace."""
    try:
        app()
    except RemediatorError as error:
        typer.echo(f"remediator: {type(error).__name__}: {outside(str(error), 1_000)}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
