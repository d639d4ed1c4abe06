"""Least privilege, from below: without any one granted write action, the story that needs it fails and says why."""

from collections.abc import Iterable, Mapping
from copy import deepcopy

from rich.console import Console
from rich.markup import escape

from remediator.core.serialization import Json

from .run import play_all
from .stories import STORIES
from .story import Played


def granted_writes(template: Json) -> tuple[str, ...]:
    """Every action that some fix role of the template is allowed."""
    allowed = (s for policy in _fix_policies(template).values() for s in policy if s["Effect"] == "Allow")
    return tuple(sorted({a for s in allowed for a in _listed(s["Action"])}))


def without(template: Json, action: str) -> Json:
    """The template with `action` taken from every fix role.

    Raises:
        KeyError: no fix role has it.
    """
    changed = deepcopy(template)
    removed = 0
    for statements in _fix_policies(changed).values():
        for statement in [s for s in statements if s["Effect"] == "Allow" and action in _listed(s["Action"])]:
            removed += 1
            left = [a for a in _listed(statement["Action"]) if a != action]
            statement["Action"] = left
            if not left:
                statements.remove(statement)
    if not removed:
        raise KeyError(f"no fix role is allowed {action}")
    return changed


def run_grants(console: Console, jobs: int) -> int:
    """Removes each in turn and prints how many removals were noticed; gives the exit status."""
    needed = {action: s.name for s in STORIES for action in s.needs}
    asked = [(f"{action} removed", (story, action)) for action, story in sorted(needed.items())]
    played = play_all(asked, console, jobs, _line)
    noticed = [p for p in played if not p.faults]
    console.print(f"{len(played)} grants removed, {len(noticed)} noticed by a report that names the permission.")
    for p in (p for p in played if p.faults):
        for fault in p.faults:
            console.print(f"[red]{escape(p.name)}[/]: {escape(fault)}", highlight=False)
    return 0 if len(noticed) == len(played) else 1


def _line(played: Played) -> str:
    mark = "[red]NOT NOTICED[/]" if played.faults else "[green]noticed[/]"
    return f"{mark} [bold]{escape(played.name)}[/] ({played.took_s:.0f} s)"


def _fix_policies(template: Json) -> Mapping[str, list[Json]]:
    """The statements of each fix role; each role has one policy, inline."""
    roles = {
        name: r["Properties"]
        for name, r in template["Resources"].items()
        if r["Type"] == "AWS::IAM::Role" and "-fix-" in str(r["Properties"].get("RoleName", ""))
    }
    return {name: role["Policies"][0]["PolicyDocument"]["Statement"] for name, role in roles.items()}


def _listed(actions: str | Iterable[str]) -> list[str]:
    return [actions] if isinstance(actions, str) else list(actions)
