"""`python -m tests.e2e`: the product deployed to an emulator of AWS with IAM enforced, and every story told on it.

`python -m tests.e2e grants`: the same with each granted write action removed in turn; each removal must be noticed.
"""

import sys
from typing import Annotated

import typer
from rich.console import Console

from .emulator_venv import NotInstalledError, emulator_python
from .grants import run_grants
from .run import run_stories
from .stories import STORIES, story_of

app = typer.Typer(add_completion=False, no_args_is_help=False)
Jobs = Annotated[int, typer.Option(help="how many stories at once, each with an emulator of its own")]


@app.callback(invoke_without_command=True)
def _default(context: typer.Context, jobs: Jobs = 3) -> None:
    if context.invoked_subcommand is None:
        play([], jobs)


@app.command()
def play(
    names: Annotated[list[str] | None, typer.Argument(help="stories; all where left out")] = None, jobs: Jobs = 3
) -> None:
    """Tells stories and prints what became of each. Exit status: 0 where all went as they must, else 1."""
    _needs_the_emulator()
    chosen = [story_of(n) for n in names] if names else list(STORIES)
    raise typer.Exit(run_stories(chosen, Console(), jobs))


@app.command()
def grants(jobs: Jobs = 3) -> None:
    """Removes each granted write action in turn and looks whether its story notices. Exit status as `play`."""
    _needs_the_emulator()
    raise typer.Exit(run_grants(Console(), jobs))


def _needs_the_emulator() -> None:
    try:
        emulator_python()
    except NotInstalledError as reason:
        sys.stderr.write(f"{reason}\n")
        raise typer.Exit(1) from reason


if __name__ == "__main__":
    app()
