"""A process with all that it starts: a port for it, whether it answers, its end, and a watcher that outlives us."""

import contextlib
import os
import signal
import socket
import subprocess
from pathlib import Path

import urllib3

LOOPBACK = "127.0.0.1"
HTTP = urllib3.PoolManager(retries=False)
ENDS_WITHIN_S = 8
# On its own feet even where this process is killed: it reads until we say `ended`, or are no more.
WATCHER = """
read -r word
[ "$word" = ended ] && exit
kill -s TERM -- "-$1"; sleep 2; kill -s KILL -- "-$1"; rm -rf "$2"
"""


class EmulatorError(RuntimeError):
    """The emulator did not start or ended too early; the message ends with the last lines of its log."""


class PortTakenError(EmulatorError):
    """Another process listens on the port."""


def watch(group: int, folder: Path) -> subprocess.Popen[bytes]:
    """A process that ends the group and removes the folder where we die without saying `ended` to it."""
    return subprocess.Popen(
        ["/bin/sh", "-c", WATCHER, "watcher", str(group), str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def usable_port(fixed: int | None) -> int:
    """The fixed port, or one that the system says is free.

    Raises:
        PortTakenError: the fixed port is in use.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, fixed or 0))
        except OSError as error:
            raise PortTakenError(f"port {fixed} of {LOOPBACK} is in use: name another, or none") from error
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    """Whether a GET is answered with 200 within two seconds."""
    try:
        return HTTP.request("GET", url, timeout=2.0).status == 200
    except urllib3.exceptions.HTTPError:
        return False


def end(process: subprocess.Popen[bytes]) -> None:
    """Ends the process, then whatever of its group is left."""
    process.terminate()
    try:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(ENDS_WITHIN_S)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
