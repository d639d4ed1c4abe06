"""Speed as ratios in one run: what each entry costs to import, against a hand-written handler that imports boto3.

Fresh processes, interleaved round by round, so that a slow phase of the machine hits all alike. Absolute times are the
machine's; the ratios are the product's.
"""

import json
import statistics
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

ROOT = Path(__file__).parents[1]
OUT = ROOT / "out" / "bench.json"
ROUNDS = 7
FLOOR = "import boto3, json; boto3.client('ecs', region_name='us-east-1'); boto3.client('sns', region_name='us-east-1')"
MEASURED = {
    "floor: boto3 and two clients": FLOOR,
    "intake": "import remediator.intake",
    "remediate": "import remediator.remediate",
    "approve": "import remediator.approve",
}
PROBE = "import time; begun = time.process_time(); {code}; print(time.process_time() - begun)"


def cpu_s(code: str) -> float:
    """CPU seconds that a fresh process needs for `code`."""
    ran = subprocess.run(
        [sys.executable, "-c", PROBE.format(code=code)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return float(ran.stdout)


def measured() -> dict[str, dict[str, float]]:
    """Median CPU and its ratio to the floor of the same round, by name."""
    rounds = [{n: cpu_s(code) for n, code in MEASURED.items()} for _ in track(range(ROUNDS), description="rounds")]
    floor = next(iter(MEASURED))
    return {
        name: {
            "cpu_ms": round(statistics.median(r[name] for r in rounds) * 1000, 1),
            "of_floor": round(statistics.median(r[name] / r[floor] for r in rounds), 2),
        }
        for name in MEASURED
    }


def main() -> int:
    """Measures, prints the table and keeps the figures in out/bench.json."""
    figures = measured()
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(figures, indent=1) + "\n")
    table = Table("import, fresh process", "CPU ms (this machine)", "ratio to the floor", title=f"{ROUNDS} rounds")
    for name, figure in figures.items():
        table.add_row(name, f"{figure['cpu_ms']:.0f}", f"{figure['of_floor']:.2f}")
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
