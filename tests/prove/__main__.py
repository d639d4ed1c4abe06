"""Every proof, with figures: `python -m tests.prove [NAME ...] [--bounded] [--jobs N]`; exit status 1 on a violation."""

import argparse
import os
import sys
import time
from collections.abc import Mapping
from importlib import import_module

from .outcome import Outcome, Proof

MODULES = ("least_privilege", "fuzz", "crash_matrix")
VIOLATIONS_SHOWN = 20


def proofs() -> Mapping[str, Proof]:
    """Each proof by the name of its module, in the order in which they run."""
    return {name: import_module(f"tests.prove.{name}").prove for name in MODULES}


def main() -> int:
    """Runs what was asked for and prints what was found."""
    asked = argparse.ArgumentParser(prog="python -m tests.prove", description=__doc__)
    asked.add_argument("names", nargs="*", choices=[[], *MODULES], default=[], help="all where none is named")
    asked.add_argument("--bounded", action="store_true", help="the short form of `make test`")
    asked.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes at once")
    told = asked.parse_args()
    outcomes = []
    for name in told.names or MODULES:
        began = time.monotonic()
        outcome = proofs()[name](bounded=told.bounded, jobs=told.jobs, say=_say)
        outcomes.append(outcome)
        _print(outcome, time.monotonic() - began)
    return 1 if any(o.violations for o in outcomes) else 0


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
