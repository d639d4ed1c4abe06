"""The Lambda bundle, by pip alone: pinned wheels for arm64, the sources, the settings, compiled and trimmed."""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from infra import ROOT
from remediator.aws.client import client_and_method
from remediator.core.runbook import AnyRunbook
from remediator.gates.evidence import GateEvidence
from remediator.recovery.runbook import bound_to
from remediator.remediation.context_evidence import ContextEvidence

from .interpreter import find_interpreter
from .trim import Calls, trim

BUILD = ROOT / "build"
PINS = ROOT / "functions" / "requirements.txt"
SOURCES = ROOT / "functions" / "remediator"
PYTHON = "3.13"
PLATFORM = "manylinux2014_aarch64"
LAYOUT = "3"  # raise it when this file builds differently from equal inputs
KEPT_FOR_S = 24 * 3600

# What the product itself and the durable SDK call, besides what the runbooks declare: methods of boto3's clients.
OWN_CALLS: Mapping[str, Collection[str]] = {
    "cloudwatch": {"describe_alarms", "list_alarm_mute_rules"},
    "dynamodb": {
        "batch_get_item",
        "get_item",
        "put_item",
        "update_item",
        "delete_item",
        "transact_write_items",
        "scan",
    },
    "lambda": {
        "invoke",
        "checkpoint_durable_execution",
        "get_durable_execution_state",
        "send_durable_execution_callback_success",
    },
    "scheduler": {"create_schedule"},
    "secretsmanager": {"get_secret_value"},
    "sns": {"publish"},
    "sqs": {"send_message"},
    "ssm": {"get_calendar_state", "get_parameter"},
    "sts": {"assume_role"},
}
IN_LAMBDA = "/var/task"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A folder to deploy, and the hash that names its content."""

    folder: Path
    hash: str


def build(runbooks: tuple[AnyRunbook, ...], settings_json: str, build_folder: Path = BUILD) -> Bundle:
    """The bundle, built where it is not there already; equal inputs give an equal hash on every machine.

    Only a machine without Python 3.13 gives another: its bundle is not compiled, and it says so.

    Raises:
        subprocess.CalledProcessError: pip could not install the pins.
        ValueError: a runbook declares a call that botocore does not know.
    """
    calls = calls_of(runbooks)
    interpreter = find_interpreter(PYTHON)
    if interpreter is None:
        sys.stderr.write(
            f"warning: no Python {PYTHON} on this machine, so the bundle is not compiled: each cold start takes "
            "about half a second longer. Install it (pyenv install 3.13) and run again.\n"
        )
    made_by = (LAYOUT, PYTHON if interpreter else "", PLATFORM, PINS.read_text(), *_named(calls))
    wheels = build_folder / f"wheels-{_hash(made_by)[:12]}"
    digest = _hash((*made_by, settings_json, *_sources()))
    folder = build_folder / f"bundle-{digest[:12]}"
    if not wheels.exists():
        _into(wheels, lambda new: _install(new, calls, interpreter))
    if not folder.exists():
        _forget_old(build_folder)
        _into(folder, lambda new: _assemble(new, wheels, settings_json, interpreter))
    return Bundle(folder, digest)


def calls_of(runbooks: Iterable[AnyRunbook]) -> Calls:
    """Everything that the functions can call, by boto3's names of service and method."""
    found = {service: set(methods) for service, methods in OWN_CALLS.items()}
    runbooks = tuple(runbooks)
    declared = [p for r in runbooks for p in (*r.reads(), *r.writes())]
    declared += [p for procedure in bound_to(runbooks) for p in procedure.reads()]
    declared += (*ContextEvidence.reads(), *GateEvidence.reads())
    for action in {p.action for p in declared if p.called}:
        service, method = client_and_method(action)
        found.setdefault(service, set()).add(method)
    return found


def _named(calls: Calls) -> list[str]:
    return sorted(f"{service}.{method}" for service, methods in calls.items() for method in methods)


def _hash(parts: Iterable[str]) -> str:
    return sha256(json.dumps(list(parts)).encode()).hexdigest()


def _sources() -> list[str]:
    """Each source file's path and content, in a fixed order."""
    files = sorted(p for p in SOURCES.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
    return [f"{p.relative_to(SOURCES).as_posix()} {sha256(p.read_bytes()).hexdigest()}" for p in files]


def _into(folder: Path, make: Callable[[Path], None]) -> None:
    """Makes `folder` whole or not at all: an interrupted build leaves nothing that looks finished."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="new-") as new:
        made = Path(new) / "made"
        made.mkdir()
        make(made)
        if not folder.exists():  # another run may have been faster
            made.rename(folder)


def _install(folder: Path, calls: Calls, interpreter: str | None) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    wanted = ["--only-binary=:all:", f"--platform={PLATFORM}", "--implementation=cp", f"--python-version={PYTHON}"]
    subprocess.run(
        [*command, *wanted, "--no-compile", f"--target={folder}", f"--requirement={PINS}"],
        check=True,
        stdout=sys.stderr,
    )
    shutil.rmtree(folder / "bin", ignore_errors=True)  # the wheels' command-line tools
    trim(folder, calls)
    _compile(folder, interpreter)


def _assemble(folder: Path, wheels: Path, settings_json: str, interpreter: str | None) -> None:
    shutil.copytree(wheels, folder, dirs_exist_ok=True)
    own = folder / "remediator"
    shutil.copytree(SOURCES, own, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "settings.json").write_text(settings_json, encoding="utf-8")
    _compile(own, interpreter, below="remediator")


def _compile(folder: Path, interpreter: str | None, below: str = "") -> None:
    """Compiles for the Lambda's own Python: its file system is read-only, so it could never keep its own."""
    if interpreter is None:
        return
    # unchecked-hash: what is compiled is valid by its content, whatever the zip does to the files' times
    paths = ["-s", str(folder), "-p", f"{IN_LAMBDA}/{below}"]
    subprocess.run(
        [interpreter, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", *paths, str(folder)],
        check=True,
        stdout=sys.stderr,
    )


def _forget_old(build_folder: Path) -> None:
    for old in build_folder.glob("bundle-*"):
        if time.time() - old.stat().st_mtime > KEPT_FOR_S:
            shutil.rmtree(old, ignore_errors=True)
