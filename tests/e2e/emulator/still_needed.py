"""Says in a process without patches which gaps are still there: `python -m emulator.still_needed` prints JSON."""

import json

from .__main__ import load
from .patches import MissingNameError, Patch


def told(each: Patch) -> dict[str, object]:
    """One patch, with whether it is still needed: None where its name is gone."""
    try:
        each.holder()
        needed: bool | None = each.still() if each.still else True
    except MissingNameError:
        needed = None
    what = {"name": each.name, "of": each.of, "at": each.at, "lacks": each.lacks}
    return {**what, "needed": needed, "asked": each.still is not None}


if __name__ == "__main__":
    patches = load()
    print(json.dumps([told(each) for each in patches.declared()]))  # what it is for
