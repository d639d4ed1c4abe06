"""Options that several commands share: which deployment, in which language, and how the answer is printed."""

from typing import Annotated

import typer

from remediator.core.text import Language

STACK = "Remediator"  # as app.py names it; CloudFormation minds capitals
StackName = Annotated[str, typer.Option("--stack", help="CloudFormation stack of the deployment")]
Region = Annotated[str | None, typer.Option("--region", help="AWS region; as your profile says where left out")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of text")]
LanguageChoice = Annotated[str, typer.Option("--language", help="en or ja")]


def language_named(name: str) -> Language:
    """The language that `--language` names."""
    if name == "ja":
        return "ja"
    if name == "en":
        return "en"
    raise typer.BadParameter("en or ja")
