"""The stories, in the order in which they are told."""

from . import front_door, gateway, site, tables, targets, tasks
from .story import Story

STORIES: tuple[Story, ...] = (
    *tasks.STORIES,
    *targets.STORIES,
    *gateway.STORIES,
    *site.STORIES,
    *tables.STORIES,
    *front_door.STORIES,
)


def story_of(name: str) -> Story:
    """The story of that name.

    Raises:
        KeyError: there is none; the message names those there are.
    """
    known = {s.name: s for s in STORIES}
    if name not in known:
        raise KeyError(f"no story {name}; known are {', '.join(known)}")
    return known[name]
