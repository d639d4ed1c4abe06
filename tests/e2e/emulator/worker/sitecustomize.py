"""Gives the product in a Lambda worker the world's clock. Python imports this file by its name at every start."""

import importlib.abc
import importlib.machinery
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

RUNTIME = "remediator.aws.runtime"


def world_now() -> datetime:
    """The world's time, as the emulator's own clock tells it."""
    start, rate = float(os.environ["WORLD_START"]), float(os.environ["WORLD_RATE"])
    return datetime.fromtimestamp(start + (time.time() - start) * rate, UTC)


class OnTheWorldsClock(importlib.abc.MetaPathFinder):
    """Finds the product's runtime module as ever, and changes the clock of what it builds."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The module's own spec, with a loader that goes on where it ended."""
        if name != RUNTIME:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            load = spec.loader.exec_module

            def load_and_set(module: ModuleType) -> None:
                load(module)
                _set_clock(module)

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


if "WORLD_START" in os.environ:
    sys.meta_path.insert(0, OnTheWorldsClock())
