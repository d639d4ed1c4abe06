"""Fresh processes: the product's entries beside the floor, interleaved, so that a slow phase hits all alike."""

import json
import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from .recording.record import Part, Recorded
from .recording.tape import written

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ROUNDS = 5
DELAY_MS = 5  # so that calls are apart as in life; CPU is what is measured
ENDED_WITHIN_S = 60
Cost = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the code comes from: which interpreter, and what it finds of the product and of boto3 for the floor."""

    name: str
    interpreter: str
    product: tuple[Path, ...]
    floor: tuple[Path, ...]


def checkout() -> Place:
    """This checkout, in the Python that runs the bench."""
    return Place(name="checkout", interpreter=sys.executable, product=(ROOT / "functions",), floor=())


def bundled(bundle: Path, interpreter: str) -> Place:
    """The bundle as it is deployed; the floor takes the whole SDK, as Lambda's runtime carries it, compiled too."""
    return Place(
        name="bundle", interpreter=interpreter, product=(bundle,), floor=(Path(sysconfig.get_paths()["purelib"]),)
    )


def costs(recorded: Recorded, place: Place, step: Callable[[str], None]) -> dict[str, list[Cost]]:
    """Each entry's costs, round by round; the last round goes on to further events.

    Raises:
        RuntimeError: an entry failed, or asked what the tape does not have.
    """
    found: dict[str, list[Cost]] = {name: [] for name in recorded.parts}
    with tempfile.TemporaryDirectory() as folder, _aws(recorded, Path(folder)) as port:
        work = Path(folder)
        shutil.copy(HERE / "floor.py", work)
        fresh = _Fresh(work, place, recorded.environment, port)
        for name, part in recorded.parts.items():  # compiles what is not compiled yet; not counted
            step(name)
            fresh.cost(name, part, further=False)
        for turn in range(ROUNDS):
            for name, part in recorded.parts.items():
                step(name)
                found[name].append(fresh.cost(name, part, further=turn == ROUNDS - 1))
    return found


def ratio(costs_of: Mapping[str, Sequence[Cost]], name: str, what: str) -> float:
    """Median of the ratios to the floor, each taken within its round."""
    pairs = zip(costs_of[name], costs_of["floor"], strict=True)
    return round(statistics.median(_sum(mine, what) / _sum(floor, what) for mine, floor in pairs), 2)


def _sum(cost: Cost, what: str) -> float:
    """One cost, or the sum of several: `import_cpu_ms+first_cpu_ms`."""
    return sum(float(cost[name]) for name in what.split("+"))


@dataclass(frozen=True, slots=True)
class _Fresh:
    folder: Path
    place: Place
    environment: Mapping[str, str]
    port: int

    def cost(self, name: str, part: Part, *, further: bool) -> Cost:
        """What the probe found in a process of its own."""
        _ask(self.port, f"/tape/{part.tape.replace(' ', '%20')}")
        found = self.folder / "told.json"
        todo = {
            "module": part.module,
            "tape": part.tape.replace(" ", "%20"),
            "event": part.event,
            "now": part.now.isoformat(),
            "settings": part.settings,
            "further": further and name != "approve",
        }
        if part.again:
            todo |= {"again": part.again, "again_tape": part.again_tape.replace(" ", "%20")}
        found.write_text(json.dumps(todo))
        command = [self.place.interpreter, "-P", str(HERE / "probe.py"), str(found)]
        ran = subprocess.run(
            command,
            env=self._environment(part),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            timeout=ENDED_WITHIN_S,
            check=False,
        )
        asked = json.loads(_ask(self.port, "/told"))
        if ran.returncode or asked["unknown"]:
            raise RuntimeError(f"{name} from {self.place.name}: {asked['unknown']} {ran.stderr[-2000:]}")
        return {**json.loads(found.read_text()), **asked}

    def _environment(self, part: Part) -> dict[str, str]:
        paths = (self.folder, *self.place.floor) if part.module == "floor" else self.place.product
        return {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            **self.environment,
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",  # as Lambda sets it: clients are made at import
            "PYTHONPATH": os.pathsep.join(map(str, paths)),
            **self._compiled(part),
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
        }

    def _compiled(self, part: Part) -> dict[str, str]:
        """The bundle's own compiled files or none, as on Lambda's read-only disk; the floor's SDK is compiled once."""
        if not self.place.floor:
            return {}
        if part.module == "floor":
            return {"PYTHONPYCACHEPREFIX": str(self.folder / "compiled")}
        return {"PYTHONDONTWRITEBYTECODE": "1"}


@contextmanager
def _aws(recorded: Recorded, folder: Path) -> Iterator[int]:
    """The replay in a process of its own, so that its CPU is not the product's; gives its port."""
    tapes = folder / "tapes.json"
    tapes.write_text(written(recorded.tapes))
    command = [sys.executable, "-m", "ops.bench.replay", str(tapes), str(DELAY_MS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as serving:
        try:
            assert serving.stdout
            yield int(serving.stdout.readline())
        finally:
            serving.terminate()


def _ask(port: int, path: str) -> bytes:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().read()
    finally:
        connection.close()
