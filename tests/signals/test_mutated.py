"""Whatever happens to a real event on its way, the answer is a parsed value or a named error, and safe to store."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from remediator.core.errors import EventNotUnderstood
from remediator.core.event_fields import ARN
from remediator.core.model import Ignored, Notice, Signal
from remediator.core.serialization import canonical
from remediator.events import parse, parse_body
from remediator.events.alarms import Composite

from ..corpus import event, files

Path = tuple[str | int, ...]
DROP = object()

weird = st.one_of(
    st.just(DROP),
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=40),
    st.sampled_from(["", "\ud800", "\x00\x1b[2J", "x" * 5000, "arn:aws:ecs:::service/a/b", "2026-13-99T99:99:99Z"]),
    st.lists(st.one_of(st.none(), st.text(max_size=5), st.just({})), max_size=3),
    st.dictionaries(st.text(max_size=8), st.one_of(st.none(), st.integers(), st.text(max_size=8)), max_size=3),
)


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """Where anything stands within `value`."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in members:
        yield (*path, name)
        yield from paths(member, (*path, name))


def put(raw: Any, path: Path, value: Any) -> None:
    """Replaces or drops what stands at `path`, where that is still there."""
    for name in path[:-1]:
        if not isinstance(raw, dict | list) or name not in (raw if isinstance(raw, dict) else range(len(raw))):
            return
        raw = raw[name]
    last = path[-1]
    if isinstance(raw, dict | list) and last in (raw if isinstance(raw, dict) else range(len(raw))):
        raw[last] = value
        if value is DROP:
            del raw[last]


def outcome(read: Callable[[Any], Any], raw: Any) -> tuple[Any, ...]:
    """What was parsed, or the one text of the error that names what is wrong."""
    try:
        return tuple(read(raw))
    except EventNotUnderstood as named:
        return (str(named),)


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    raw = event(draw(st.sampled_from(files())))
    inner = json.loads(raw["Message"]) if "Message" in raw else raw
    for path in draw(st.lists(st.sampled_from(sorted(paths(inner), key=str)), min_size=1, max_size=3)):
        put(inner, path, draw(weird))
    return inner


@settings(max_examples=300, deadline=None, database=None, derandomize=True)
@given(mutated())
def test_a_damaged_event_is_parsed_or_named_and_safe_to_store(raw: Any) -> None:
    values = outcome(parse, raw)
    assert values
    for one in values:
        assert one
        assert isinstance(one, str | Signal | Ignored | Notice | Composite)
        stored = canonical(one).encode()  # half a character would not encode
        assert len(stored) < 60_000
        if isinstance(one, Signal):
            assert ARN.fullmatch(one.resource.arn)
            assert one.key
            assert len(one.key) < 900
            assert one.at.endswith("Z")


@settings(max_examples=100, deadline=None, database=None, derandomize=True)
@given(
    st.recursive(st.one_of(st.none(), st.booleans(), st.text()), lambda s: st.lists(s) | st.dictionaries(st.text(), s))
)
def test_any_json_is_parsed_or_named(value: Any) -> None:
    (one, *_) = outcome(parse_body, json.dumps(value))
    assert one
