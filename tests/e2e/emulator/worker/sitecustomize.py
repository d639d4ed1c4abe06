"""Gives the product in a Lambda worker the world's clock, and the way to the world's public hosts.

Python imports this file by its name at every start.
"""

import importlib.abc
import importlib.machinery
import os
import struct
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

RUNTIME, ENDPOINT = "remediator.aws.runtime", "remediator.aws.http"
PUBLIC = ".cloudfront.net"


def world_now() -> datetime:
    """The world's time, as the emulator shows it in a file of eight bytes."""
    return datetime.fromtimestamp(struct.unpack("d", Path(os.environ["WORLD_CLOCK"]).read_bytes())[0], UTC)


class InTheWorld(importlib.abc.MetaPathFinder):
    """Finds the product's modules as ever, and changes the clock and the network of two of them."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The module's own spec, with a loader that goes on where it ended."""
        change = {RUNTIME: _set_clock, ENDPOINT: _find_public_hosts}.get(name)
        if change is None:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            load = spec.loader.exec_module

            def load_and_set(module: ModuleType) -> None:
                load(module)
                change(module)

            spec.loader.exec_module = load_and_set  # type: ignore[method-assign]
        return spec


def _set_clock(module: Any) -> None:
    original = module._from_environment
    kept: list[Any] = []

    def from_environment() -> Any:
        if not kept:
            kept.append(replace(original(), now=world_now))
        return kept[0]

    module._from_environment = from_environment


def _find_public_hosts(module: Any) -> None:
    """CloudFront's hosts are the emulator itself: no names are resolved and no TLS is spoken here."""
    original, emulator = module.urllib3.PoolManager.urlopen, os.environ["AWS_ENDPOINT_URL"]

    def urlopen(self: Any, method: str, url: str, **rest: Any) -> Any:
        found = urlsplit(url)
        if found.scheme != "https" or not (found.hostname or "").endswith(PUBLIC):
            return original(self, method, url, **rest)
        headers = {**(rest.pop("headers", None) or {}), "Host": found.hostname, "X-Forwarded-Proto": "https"}
        return original(self, method, f"{emulator}{found.path or '/'}", headers=headers, **rest)

    module.urllib3.PoolManager.urlopen = urlopen


if "WORLD_CLOCK" in os.environ:
    sys.meta_path.insert(0, InTheWorld())
