"""Runs ministack with its gaps closed, in the foreground: `python -m emulator --port 4566 --rate 60 --dir FOLDER`."""

import argparse
import asyncio
import os
import pkgutil
import shutil
import signal
import sys
import tempfile
from importlib import import_module
from pathlib import Path

NOT_OF_PATCHES = ("__main__", "still_needed")
WORKER = Path(__file__).parent / "worker"


def main() -> None:
    """Checks that every patched name exists, applies the patches and serves until SIGTERM."""
    asked = _asked()
    _surround(asked.port, asked.dir)
    patches = load()
    from . import clock, passing

    clock.start(asked.dir)
    try:
        patches.apply_all()
    except patches.MissingNameError as error:
        sys.exit(f"The emulator cannot start: {error}")
    passing.start(asked.rate)
    _serve(asked.port)


def load():
    """The registry with every patch declared; nothing is applied."""
    from . import patches

    for found in pkgutil.iter_modules([str(Path(__file__).parent)]):
        if found.name not in NOT_OF_PATCHES:
            import_module(f".{found.name}", __package__)
    return patches


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="emulator", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument(
        "--rate",
        type=float,
        default=60,
        help="seconds of the world in one of ours, as long as the machine keeps up; 0: only what `pass` lets go by",
    )
    parser.add_argument("--dir", type=Path, required=True, help="everything temporary goes below it")
    return parser.parse_args()


def _surround(port: int, folder: Path) -> None:
    """What ministack reads from its environment, before it is imported."""
    temporary = folder / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    tempfile.tempdir = str(temporary)
    os.environ.update(
        AUTH="true",
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",  # the emulator's administrator, on loopback
        AWS_DEFAULT_REGION="ap-northeast-1",
        BIND_HOST="127.0.0.1",
        GATEWAY_PORT=str(port),
        IOT_MTLS_ENABLED="0",
        MINISTACK_ACCOUNT_ID="123456789012",
        MINISTACK_REGION="ap-northeast-1",
        PYTHONPATH=str(WORKER),  # for the Lambda workers; our own modules are found already
        SFTP_ENABLED="0",
        TMPDIR=str(temporary),
    )
    os.environ.setdefault("LOG_LEVEL", "INFO")
    os.environ.setdefault("CLOUDTRAIL_RECORDING", "1")


def _serve(port: int) -> None:
    """As ministack's own main does, but for the end: that one leaves its Lambda workers and their folders behind."""
    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from ministack.app import app

    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.keep_alive_timeout = 75
    config.loglevel = os.environ["LOG_LEVEL"]

    async def run() -> None:
        loop = asyncio.get_running_loop()
        for end in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(end, _end)
        await serve(app, config, shutdown_trigger=asyncio.Event().wait)  # type: ignore[arg-type]

    asyncio.run(run())


def _end() -> None:
    from ministack.core import lambda_runtime

    for process in (worker._proc for pool in lambda_runtime._workers.values() for worker in pool):
        if process is not None:
            process.kill()
            process.wait()
    shutil.rmtree(tempfile.gettempdir(), ignore_errors=True)
    os._exit(0)


if __name__ == "__main__":
    main()
