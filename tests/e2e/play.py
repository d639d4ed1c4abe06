"""Plays one story on a stage of its own and prints what became of it as JSON: `python -m tests.e2e.play NAME`."""

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import fields, replace
from functools import partial

from botocore.exceptions import ClientError

from remediator.core.serialization import to_json
from sandbox.laptop import Laptop
from sandbox.outcome import ended, ending_of
from sandbox.scenarios import COUNTS, Ending, by_name

from .grants import without
from .process_group import EmulatorError
from .stacks import Change, DeploymentError
from .stage import Stage, first_trouble
from .stories import story_of
from .story import Played, Story, calls_of

UNTRUE = "not so"


def play(story: Story, change: Change | None = None, removed: str = "") -> Played:
    """The story on a fresh stage; whatever goes wrong in it is a fault of the result.

    Args:
        change: changes the product's template first.
        removed: the granted action that `change` takes away; then its loss must be noticed, and nothing else counts.
    """
    began = time.monotonic()
    stage = Stage(mode=story.mode, change=change, parameters=story.portfolio)
    try:
        with stage:
            broke = _tell(story, stage)
            played = _judged(story, stage, began, broke)
            if not removed:
                return played
            texts = [m.text for m in stage.messages()]
            return replace(played, faults=noticed(story, played, removed, texts))
    except (EmulatorError, DeploymentError) as error:
        return Played(
            name=story.name, ending=Ending(incidents=0), took_s=time.monotonic() - began, faults=(str(error),)
        )


def _tell(story: Story, stage: Stage) -> tuple[str, ...]:
    try:
        story.begin(stage)
        for act in story.acts:
            stage.until(act.what, partial(act.when, stage))
            act.do(stage)
        if story.lasts_s:
            stage.let_pass(story.lasts_s)
        if _expected(story).incidents:
            stage.until("every incident is closed", stage.all_closed if _goes_on(story) else stage.first_closed)
    except (AssertionError, ClientError) as error:  # what was waited for, or what someone did, did not come about
        return (f"{type(error).__name__}: {error}",)
    return ()


def _goes_on(story: Story) -> bool:
    """Whether something is to happen in it that nobody can tell from what comes by itself after its end."""
    return bool(story.acts or story.lasts_s) and not story.stays


def _judged(story: Story, stage: Stage, began: float, broke: Sequence[str]) -> Played:
    found = stage.records()
    records = found if _goes_on(story) else first_trouble(found)
    ending = ending_of(records, stage.settings)
    denials = [f"{d['action']} on {d['resource']} by {d['principal']}" for d in stage.emulator.view("denials")]
    unexpected = [f"IAM refused {d}" for d in denials if d.split()[0] not in story.denied]
    untrue = [f"{UNTRUE}: {words}" for words, true in story.shown.items() if not true(stage)]
    return Played(
        name=story.name,
        ending=ending,
        change=calls_of(records, _plain),
        took_s=time.monotonic() - began,
        messages=len(stage.messages()),
        denials=tuple(denials),
        faults=(*broke, *differences(_expected(story), ending), *unexpected, *untrue),
    )


def agreement(story: Story, played: Played) -> tuple[str, ...]:
    """In what the sandbox, which is another code base, tells the same story otherwise."""
    with Laptop() as laptop:
        by_name(story.name).play(laptop)
        ending, change = ended(laptop), calls_of(laptop.records(), _plain)
    said = list(differences(ending, played.ending))
    if change != played.change:
        said.append(f"change: the sandbox made {change}, here it was {played.change}")
    return tuple(said)


def differences(expected: Ending, got: Ending) -> tuple[str, ...]:
    """Each member that differs, in words.

    The deployed product has more alarms than a scenario of the sandbox watches, so others may notice the same trouble
    besides; what the scenario says must have noticed it.
    """
    pairs = ((f.name, getattr(expected, f.name), getattr(got, f.name)) for f in fields(Ending))
    return tuple(f"{name}: expected {a!r}, got {b!r}" for name, a, b in pairs if not _alike(name, a, b))


def _alike(name: str, expected: object, got: object) -> bool:
    if name == "noticed" and isinstance(expected, tuple) and isinstance(got, tuple):
        return set(expected) <= set(got)
    return expected == got or (name in COUNTS and None in (expected, got))


def _expected(story: Story) -> Ending:
    return story.expected or by_name(story.name).expected


def _plain(stored: object) -> object:
    return json.loads(stored) if isinstance(stored, str) else stored


def noticed(story: Story, played: Played, action: str, texts: Sequence[str]) -> tuple[str, ...]:
    """In what the loss of `action` was not noticed: IAM refused it, nothing was claimed, a report names it."""
    faults = []
    if not any(d.startswith(f"{action} on ") for d in played.denials):
        faults.append(f"IAM was never asked for {action}, or let it pass")
    if played.ending == _expected(story) and not any(f.startswith(UNTRUE) for f in played.faults):
        faults.append("the story ended as if nothing were missing")
    if not any(action in text for text in texts):
        faults.append(f"no report names {action}")
    return tuple(faults)


def main() -> int:
    """Plays the story that the command line names, without the granted action that it names behind it.

    Exit status: 0 where it went as it must.
    """
    story, removed = story_of(sys.argv[1]), sys.argv[2:]
    if removed:
        played = play(story, change=partial(without, action=removed[0]), removed=removed[0])
    else:
        played = play(story)
        if story.agrees and not played.faults:
            played = replace(played, faults=agreement(story, played))
    print(json.dumps(to_json(played)))
    return 1 if played.faults else 0


if __name__ == "__main__":
    sys.exit(main())
