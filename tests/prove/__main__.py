"""Every proof, with figures: `python -m tests.prove [NAME ...] [--bounded] [--jobs N]`; exit status 1 on a violation."""

import argparse
import os
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context

from .outcome import Outcome, Proof
from .seeded import SEEDED, play_defect

MODULES = ("least_privilege", "fuzz", "storm", "model_check", "crash_matrix", "fault_matrix")
VIOLATIONS_SHOWN = 20


def proofs() -> Mapping[str, Proof]:
    """Each proof by the name of its module, in the order in which they run."""
    return {name: import_module(f"tests.prove.{name}").prove for name in MODULES}


def main() -> int:
    """Runs what was asked for and prints what was found."""
    asked = argparse.ArgumentParser(prog="python -m tests.prove", description=__doc__)
    asked.add_argument("names", nargs="*", choices=[[], *MODULES], default=[], help="all where none is named")
    asked.add_argument("--defects", action="store_true", help="only that each seeded defect turns a proof red")
    asked.add_argument("--bounded", action="store_true", help="the short form of `make test`")
    asked.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes at once")
    told = asked.parse_args()
    outcomes = []
    for name in () if told.defects else told.names or MODULES:
        began = time.monotonic()
        outcome = proofs()[name](bounded=told.bounded, jobs=told.jobs, say=_say)
        outcomes.append(outcome)
        _print(outcome, time.monotonic() - began)
    unnoticed = _defects(told.jobs) if told.defects or not told.names else 0
    return 1 if unnoticed or any(o.violations for o in outcomes) else 0


def _defects(jobs: int) -> int:
    """Plays each seeded defect and says which proof it turns red; how many went unnoticed."""
    unnoticed = 0
    print("seeded defects:")  # noqa: T201
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for name, proof, red in pool.map(play_defect, SEEDED):
            unnoticed += not red
            print(f"  {name}: {proof} is {'red: ' + red if red else 'GREEN, nobody noticed'}")  # noqa: T201
            sys.stdout.flush()
    return unnoticed


def _say(line: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K  {line}")
    else:
        sys.stderr.write(f"  {line}\n")
    sys.stderr.flush()


def _print(outcome: Outcome, took_s: float) -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    print(f"{outcome.proof}: {outcome.runs} runs, {len(outcome.violations)} violations, {took_s:.0f} s")  # noqa: T201
    for name, value in outcome.figures.items():
        print(f"  {name}: {value}")  # noqa: T201
    for violation in outcome.violations[:VIOLATIONS_SHOWN]:
        print(f"  VIOLATION {violation}")  # noqa: T201
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
