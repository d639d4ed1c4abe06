"""Every proof, with figures: `python -m tests.prove [NAME ...] [--bounded] [--jobs N]`; exit status 1 on a violation."""

import argparse
import os
import sys
import time

from .outcome import Outcome
from .running import parts, prove, workers
from .seeded import SEEDED, play_defect

VIOLATIONS_SHOWN = 20


def main() -> int:
    """Runs what was asked for and prints what was found."""
    known = tuple(parts())
    asked = argparse.ArgumentParser(prog="python -m tests.prove", description=__doc__)
    asked.add_argument("names", nargs="*", choices=[[], *known], default=[], help="all where none is named")
    asked.add_argument("--defects", action="store_true", help="only that each seeded defect turns a proof red")
    asked.add_argument("--bounded", action="store_true", help="the short form of `make test`")
    asked.add_argument(
        "--jobs",
        type=int,
        default=(os.cpu_count() or 1) + 1,
        help="processes at once; one more than processors, since copies wait for each other",
    )
    found = asked.parse_args()
    began = time.monotonic()
    outcomes = [] if found.defects else prove(found.names, bounded=found.bounded, jobs=found.jobs, say=_say)
    for outcome, work_s in outcomes:
        _print(outcome, work_s)
    unnoticed = _defects(found.jobs) if found.defects or not found.names else 0
    print(f"{time.monotonic() - began:.0f} s in all, with {found.jobs} processes at once")  # noqa: T201
    return 1 if unnoticed or any(outcome.violations for outcome, _ in outcomes) else 0


def _defects(jobs: int) -> int:
    """Plays each seeded defect and says which proof it turns red; how many went unnoticed."""
    unnoticed = 0
    print("seeded defects:")  # noqa: T201
    with workers(jobs) as pool:
        for name, proof, red in pool.map(play_defect, SEEDED):
            unnoticed += not red
            print(f"  {name}: {proof} is {'red: ' + red if red else 'GREEN, nobody noticed'}")  # noqa: T201
            sys.stdout.flush()
    return unnoticed


def _say(line: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K  {line}"[:200])
    else:
        sys.stderr.write(f"  {line}\n")
    sys.stderr.flush()


def _print(outcome: Outcome, work_s: float) -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    work = f", {work_s:.0f} s of work" if work_s else ""
    print(f"{outcome.proof}: {outcome.runs} runs, {len(outcome.violations)} violations{work}")  # noqa: T201
    for name, value in outcome.figures.items():
        print(f"  {name}: {value}")  # noqa: T201
    for violation in outcome.violations[:VIOLATIONS_SHOWN]:
        print(f"  VIOLATION {violation}")  # noqa: T201
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
