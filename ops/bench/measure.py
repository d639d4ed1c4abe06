"""All figures of one run, in the order of the table."""

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from infra.bundle.build import PYTHON, build
from infra.bundle.interpreter import find_interpreter
from remediator.problems import load_all

from .aims import FIX_LIMIT, OWN_TRIPS_TO_FIX, OWN_TRIPS_TO_REPORT, REPORT_LIMIT, Figure
from .cold import ROUNDS, Cost, Place, bundled, checkout, costs, ratio
from .cost import cost_usd
from .depth import Depth, Reach, reach
from .explain import explained_per_s
from .probe import BATCH
from .recording.record import Recorded, recorded
from .recording.watch import Watch
from .size import size_of

Say = Callable[[str], None]
ENTRIES = ("intake", "remediate", "approve")
WARM_ENTRIES = ("intake", "remediate")
FIRST = "ecs_task_restarting"  # its story is the one that fresh processes play
FLOOR_CALLS = 3
WHOLE = "import_cpu_ms+first_cpu_ms"
STEPS = len(load_all()) + 3 + 2 * 4 * (ROUNDS + 1)


def measured(say: Say) -> tuple[list[Figure], Mapping[str, Any]]:
    """The figures for the table, and what they rest on for out/bench.json.

    Args:
        say: told before each step what is measured; `STEPS` times where nothing is left out.
    """
    watch = Watch()
    say("recording a story")
    played = recorded(watch, FIRST)
    reached = [_reach(watch, r.id, say) for r in load_all()]
    say("building the bundle")
    bundle = build(load_all(), "{}")
    interpreter = find_interpreter(PYTHON)
    places = [checkout()] + ([bundled(bundle.folder, interpreter)] if interpreter else [])
    by_place = {p.name: _costs(played, p, say) for p in places}
    size, per_call = size_of(bundle.folder), _cpu_ms_a_call(by_place["checkout"]["remediate"])
    say("explaining stop reasons")
    explained = explained_per_s()
    usd = cost_usd(played.story, per_call)
    figures = [
        *(f for found in reached for f in _depths(*found)),
        *_of_processes(by_place),
        Figure(of="bundle", what="zipped", value=size.zip_mib, unit="MiB", aim=6),
        Figure(of="bundle", what="unzipped", value=size.unzipped_mib, unit="MiB"),
        Figure(of="bundle", what="own code, zipped with its compiled files", value=size.own_zip_kib, unit="KiB"),
        Figure(of="cost", what="one incident at list prices", value=round(sum(usd.values()), 4), unit="USD", aim=0.01),
        explained,
    ]
    details = {
        "depth": {runbook: asdict(found) if found else None for runbook, found in reached},
        "cold": by_place,
        "size": asdict(size),
        "usd": usd,
    }
    return figures, details


def _of_processes(by_place: Mapping[str, Mapping[str, Sequence[Cost]]]) -> Iterator[Figure]:
    for figures in (_cold, _warm, _repeats, _memory):
        for place, found in by_place.items():
            yield from figures(place, found)
    if "bundle" not in by_place:
        why = f"no Python {PYTHON} on this machine, so the bundle is not compiled"
        yield Figure(of="CPU of a fresh process, from the bundle", what="every entry", value=None, aim=1.0, why=why)


def _reach(watch: Watch, runbook: str, say: Say) -> tuple[str, Reach | None]:
    say(f"round trips of {runbook}")
    return runbook, reach(watch, runbook)


def _costs(played: Recorded, place: Place, say: Say) -> dict[str, list[Cost]]:
    return costs(played, place, lambda name: say(f"{name} from the {place.name}"))


def _depths(runbook: str, found: Reach | None) -> Iterator[Figure]:
    if found is None:
        why = "the sandbox has no story in which its fix is made at the first look"
        yield Figure(of=f"{runbook}: from the start of remediate", what="round trips", value=None, why=why)
        return
    of = f"{runbook}: from the start of remediate ({found.story})"
    yield from _depth(of, "fix", found.fix, FIX_LIMIT + OWN_TRIPS_TO_FIX)
    yield from _depth(of, "first report", found.report, REPORT_LIMIT + OWN_TRIPS_TO_REPORT)


def _depth(of: str, to: str, depth: Depth | None, aim: int) -> Iterator[Figure]:
    if depth is None:
        yield Figure(of=of, what=f"{to}: round trips", value=None, why="it comes after a wait")
        return
    yield Figure(of=of, what=f"{to}: API calls", value=depth.calls)
    # half a round trip is the noise of a slope on a busy machine
    yield Figure(of=of, what=f"{to}: round trips in sequence", value=depth.in_sequence, aim=aim + 0.5)
    yield Figure(of=of, what=f"{to}: with durable checkpoints", value=depth.with_checkpoints)


def _cold(place: str, found: Mapping[str, Sequence[Cost]]) -> Iterator[Figure]:
    of = f"CPU of a fresh process, from the {place}"
    for entry in ENTRIES:
        yield Figure(of=of, what=f"{entry}: import", value=ratio(found, entry, "import_cpu_ms"), unit="x floor")
        aim = 1.0 if place == "bundle" else None
        whole = ratio(found, entry, WHOLE)
        yield Figure(of=of, what=f"{entry}: import, first event", value=whole, unit="x floor", aim=aim)
    for entry in WARM_ENTRIES:
        value = round(_cold_ms(found[entry]) / _cold_ms(found["floor"]), 2)
        yield Figure(of=of, what=f"{entry}: the same less a warm event", value=value, unit="x floor")


def _cold_ms(rounds: Sequence[Cost]) -> float:
    """What only the first event of a process costs: imports, clients, models."""
    return statistics.median(float(c["import_cpu_ms"] + c["first_cpu_ms"]) for c in rounds) - _warm_ms(rounds)


def _warm(place: str, found: Mapping[str, Sequence[Cost]]) -> Iterator[Figure]:
    """Of the last round's process, which went on to further events."""
    of = f"CPU of one event in a warm process, from the {place}"
    a_call_ms = _warm_ms(found["floor"]) / FLOOR_CALLS
    yield Figure(of=of, what="floor: a call", value=round(a_call_ms, 2), unit="ms")
    for entry in WARM_ENTRIES:
        total_ms, calls = _warm_ms(found[entry]), _calls(found[entry])
        beyond_ms = round(total_ms - calls * a_call_ms, 1)
        yield Figure(of=of, what=f"{entry}: all of {calls} calls", value=round(total_ms, 1), unit="ms")
        outside_ms = round(total_ms - found[entry][-1]["in_sdk_cpu_ms"], 1)
        yield Figure(of=of, what=f"{entry}: outside the SDK's calls", value=outside_ms, unit="ms")
        yield Figure(of=of, what=f"{entry}: beyond as many of the floor's", value=beyond_ms, unit="ms", aim=2)


def _repeats(place: str, found: Mapping[str, Sequence[Cost]]) -> Iterator[Figure]:
    of = f"repeats of one incident at intake, in batches of {BATCH}, from the {place}"
    last = found["intake"][-1]
    for key, named in (("in_memory_cpu_us", "this process"), ("across_cpu_us", "another process")):
        value = round(1e6 / last[key])
        yield Figure(of=of, what=f"known to {named}", value=value, unit="/s, core", aim=3000, better="more")


def _memory(place: str, found: Mapping[str, Sequence[Cost]]) -> Iterator[Figure]:
    of = f"peak memory after 20 events, from the {place}"
    for entry in ("floor", *WARM_ENTRIES):
        last, aim = found[entry][-1], None if entry == "floor" else 128
        yield Figure(of=of, what=entry, value=round(last["peak_rss_mib"]), unit="MiB", aim=aim)
        grown = round(last["peak_rss_mib"] - last["first_rss_mib"], 1)
        yield Figure(of=of, what=f"{entry}: growth since its first", value=grown, unit="MiB", aim=aim and 4)


def _warm_ms(rounds: Sequence[Cost]) -> float:
    return statistics.median(map(float, rounds[-1]["warm_cpu_ms"]))


def _calls(rounds: Sequence[Cost]) -> int:
    """Of one event, checkpoints with them; the first round's process had no other."""
    return int(rounds[0]["calls"]) + int(rounds[0]["checkpoints"])


def _cpu_ms_a_call(rounds: Sequence[Cost]) -> float:
    return _warm_ms(rounds) / _calls(rounds)
