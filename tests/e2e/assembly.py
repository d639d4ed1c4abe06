"""What `make synth` writes, written once for all scenarios: the template of the product and its bundle as a zip."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from .emulator_process import ACCOUNT, REGION

ROOT = Path(__file__).parents[2]
OUT = ROOT / "out" / "e2e"
INPUTS = ("app.py", "cdk.json", "pyproject.toml", "requirements.txt", "functions", "infra")  # what decides the template
LEFT_OUT = ("__pycache__",)
SYNTHESISED_WITHIN_S = 180
KEPT_FOR_S = 24 * 3600
EPOCH = (1980, 1, 1, 0, 0, 0)  # the zip of equal content is equal, as the CDK's own is


class SynthError(RuntimeError):
    """`python app.py` failed; the message ends with what it said."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A file or a folder that a template names by bucket and key."""

    source: Path
    zipped: bool
    bucket: str
    key: str

    def content(self) -> bytes:
        """What is put into the bucket."""
        return _zipped(self.source) if self.zipped else self.source.read_bytes()


@dataclass(frozen=True, slots=True)
class Assembly:
    """A folder as `make synth` writes it, with its one stack."""

    folder: Path
    stack: str = "Remediator"

    @property
    def template_file(self) -> Path:
        """The template, as CloudFormation is given it."""
        return self.folder / f"{self.stack}.template.json"

    @property
    def template(self) -> Mapping[str, Any]:
        """The same as a value."""
        template: Mapping[str, Any] = json.loads(self.template_file.read_text())
        return template

    def assets(self) -> tuple[Asset, ...]:
        """What must be in buckets before the stack is created; the template itself is one of them."""
        parsed = json.loads((self.folder / f"{self.stack}.assets.json").read_text())
        return tuple(
            Asset(
                source=self.folder / file["source"]["path"],
                zipped=file["source"]["packaging"] == "zip",
                bucket=_here(place["bucketName"]),
                key=_here(place["objectKey"]),
            )
            for file in parsed["files"].values()
            for place in file["destinations"].values()
        )


def synthesise(context: Mapping[str, Any] | None = None) -> Assembly:
    """The assembly of this checkout, from an earlier run where nothing that decides it has changed.

    Args:
        context: CDK context on top of `cdk.json`, as `-c key=value` gives it; none: the very template of `make synth`.

    Raises:
        SynthError: the application cannot be synthesised.
    """
    said = json.dumps(dict(context or {}), sort_keys=True)
    folder = OUT / f"cdk-{sha256((said + _inputs()).encode()).hexdigest()[:12]}"
    OUT.mkdir(parents=True, exist_ok=True)
    with (OUT / "synth.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not (folder / "manifest.json").is_file():  # the CDK writes it last
            _forget_old()
            _synthesise(folder, said)
    return Assembly(folder)


def _synthesise(folder: Path, context: str) -> None:
    own = {"CDK_OUTDIR": str(folder), "CDK_CONTEXT_JSON": context, "CDK_VALIDATION": "false"}
    ran = subprocess.run(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        timeout=SYNTHESISED_WITHIN_S,
        check=False,
    )
    if ran.returncode:
        raise SynthError(f"python app.py ended with {ran.returncode}:\n{ran.stderr[-3000:]}")


def _forget_old() -> None:
    for old in OUT.glob("cdk-*"):
        if time.time() - old.stat().st_mtime > KEPT_FOR_S:
            shutil.rmtree(old, ignore_errors=True)


def _inputs() -> str:
    """A digest of every file that decides what is synthesised."""
    files = (f for name in INPUTS for f in ([ROOT / name] if (ROOT / name).is_file() else (ROOT / name).rglob("*")))
    found = [
        f"{f.relative_to(ROOT)} {sha256(f.read_bytes()).hexdigest()}"
        for f in sorted(files)
        if f.is_file() and not set(LEFT_OUT) & set(f.parts)
    ]
    return sha256("\n".join(found).encode()).hexdigest()


@cache
def _zipped(folder: Path) -> bytes:
    """The folder as a zip, made once and kept beside it; made lightly, for it does not travel far."""
    kept = folder.with_name(f"{folder.name}.light.zip")
    if not kept.is_file():
        new = kept.with_name(f"{kept.name}.{os.getpid()}")
        with zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for file in sorted(f for f in folder.rglob("*") if f.is_file()):
                entry = zipfile.ZipInfo(file.relative_to(folder).as_posix(), EPOCH)
                entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, (file.stat().st_mode & 0o777) << 16
                archive.writestr(entry, file.read_bytes())
        new.rename(kept)
    return kept.read_bytes()


def _here(text: str) -> str:
    for name, value in (("AccountId", ACCOUNT), ("Region", REGION), ("Partition", "aws")):
        text = text.replace(f"${{AWS::{name}}}", value)
    return text
