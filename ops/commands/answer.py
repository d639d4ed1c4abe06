"""What a person says to an open question or an incident: `remediator approve`, `refuse`, `hold`, `ack`, `undo`."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console

from ops.commands.options import STACK, AsJson, LanguageChoice, Region, StackName, language_named
from remediator.core.text import Language, Text
from remediator.redaction.redact import outside
from remediator.reports.dashboard.buttons import ASKED_NOW, DONE, NOT_TAKEN

BEGUN = Text("Begun as incident", "次のインシデントとして開始しました:")
REFUSED = Text("Refused", "実施できません")
IGNORED = Text("No incident", "インシデントなし")
SAID_CHARS = 600
Reference = Annotated[str, typer.Argument(help="as the report names it: <incident>-<8 hex>")]


def approve(
    reference: Reference,
    *,
    stack: StackName = STACK,
    region: Region = None,
    language: LanguageChoice = "en",
    as_json: AsJson = False,
) -> None:
    """Approve exactly the plan that the reference names. Every gate runs again before it is applied.

    Exit status: 0 where the answer was taken, 1 where it was not.
    """
    _send(reference, "approve", stack, region, language_named(language), as_json=as_json)


def refuse(
    reference: Reference,
    *,
    stack: StackName = STACK,
    region: Region = None,
    language: LanguageChoice = "en",
    as_json: AsJson = False,
) -> None:
    """Refuse the plan that the reference names; the incident goes on without a change.

    Exit status: 0 where the answer was taken, 1 where it was not.
    """
    _send(reference, "refuse", stack, region, language_named(language), as_json=as_json)


def hold(
    reference: Reference,
    *,
    stack: StackName = STACK,
    region: Region = None,
    language: LanguageChoice = "en",
    as_json: AsJson = False,
) -> None:
    """Put the decision off: the same question is asked again and stays open for another hour, once.

    Nothing is changed meanwhile. After an approval every gate runs again, so a situation that has moved is noticed.

    Exit status: 0 where the answer was taken, 1 where it was not.
    """
    _send(reference, "hold", stack, region, language_named(language), as_json=as_json)


def ack(
    incident: Annotated[str, typer.Argument(help="id of the incident, as its reports name it")],
    *,
    stack: StackName = STACK,
    region: Region = None,
    language: LanguageChoice = "en",
    as_json: AsJson = False,
) -> None:
    """Take an incident over: it escalates no more. The program goes on looking, asking and reporting.

    Exit status: 0 where it was taken (or somebody has it already: it says who), 1 where it was not.
    """
    _send(incident, "ack", stack, region, language_named(language), as_json=as_json)


def undo(
    incident: Annotated[str, typer.Argument(help="id of the incident whose change is taken back")],
    *,
    stack: StackName = STACK,
    region: Region = None,
    language: LanguageChoice = "en",
    as_json: AsJson = False,
) -> None:
    """Take the change of an incident back with its own undo; the deployed function does it, through the gates.

    Exit status: 0 where it was begun, 1 where it was not.
    """
    from ops.deployment import deployed  # noqa: PLC0415

    response = deployed.Deployment(stack, region).invoke_intake({"undo": incident, "by": deployed.who(region)})
    raise typer.Exit(show_begun(response, language_named(language), as_json=as_json))


COMMANDS = (approve, refuse, hold, ack, undo)


def show_begun(mappings: Sequence[Mapping[str, Any]], language: Language, *, as_json: bool) -> int:
    """Prints what the intake function said to a request made by hand; gives the exit status."""
    if as_json:
        Console().print_json(data=mappings)
    for one in () if as_json else mappings:
        typer.echo(_begun(one, language))
    return 1 if any("refused" in one or "ignored" in one for one in mappings) else 0


def _begun(one: Mapping[str, Any], language: Language) -> str:
    if "incident" in one:
        return f"{BEGUN.in_(language)} {one['incident']}\n  remediator incident {one['incident']}"
    for name, words in (("refused", REFUSED), ("ignored", IGNORED)):
        if name in one:
            return f"{words.in_(language)}: {outside(str(one[name]), SAID_CHARS)}"
    return outside(str(dict(one)), SAID_CHARS)


def _send(reference: str, answer: str, stack: str, region: str | None, language: Language, *, as_json: bool) -> None:
    from ops.deployment import deployed  # noqa: PLC0415

    outcome = deployed.Deployment(stack, region).answer(reference, answer)
    if as_json:
        Console().print_json(data=outcome)
    else:
        typer.echo("\n".join(_said(outcome, answer, language)))
    raise typer.Exit(0 if outcome.get("accepted") else 1)


def _said(outcome: Mapping[str, Any], answer: str, language: Language) -> Sequence[str]:
    """What became of an answer, and what is asked now where it was not taken."""
    if outcome.get("accepted"):
        incident = outside(str(outcome.get("incident", "")), SAID_CHARS)
        return (f"{DONE[answer].in_(language)}", *((f"  remediator incident {incident}",) if incident else ()))
    lines = [f"{NOT_TAKEN.in_(language)}: {outside(str(outcome.get('why', '?')), SAID_CHARS)}"]
    if outcome.get("asked_now"):
        plan = outside(str(outcome.get("plan_now", "")), SAID_CHARS)
        lines += [f"{ASKED_NOW.in_(language)}: {plan}", f"  remediator approve {outcome['asked_now']}"]
    return lines
