"""The emulator as a process of its own: started on a free loopback port, reached by boto3, ended without a trace.

>>> with Emulator() as emulator:
...     emulator.client("ecs").list_clusters()
...     emulator.world(do="program", image="...", dies_after_s=60)
...     emulator.let_pass(120)
...     emulator.view("denials")
"""

import atexit
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from copy import copy
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import boto3
import urllib3
from botocore.config import Config

from .emulator_venv import emulator_python
from .process_group import HTTP, LOOPBACK, EmulatorError, PortTakenError, answers, end, usable_port, watch

__all__ = ["ACCOUNT", "REGION", "Emulator", "EmulatorError", "PortTakenError"]

HERE = Path(__file__).parent
ACCOUNT, REGION = "123456789012", "ap-northeast-1"
STARTS_WITHIN_S = 30
PASSES_WITHIN_S = 600  # of ours; long before, the emulator itself says that its world is stuck
ATTEMPTS = 3
JSON = {"Content-Type": "application/json"}
CLIENT = Config(
    connect_timeout=2,
    read_timeout=30,
    retries={"mode": "standard", "total_max_attempts": 2},
    s3={"addressing_style": "path"},
)


class Emulator:
    """One emulator with fresh state; its world's time stands still but for `let_pass`.

    Args:
        port: the port it must take; a free one where left out.
        bare: the emulator as its authors made it, without our patches: to see whether a patch is still needed.
        environment: variables on top of the few that it is given.
        python: its interpreter; that of `.venv-e2e` where left out.
    """

    def __init__(
        self,
        *,
        port: int | None = None,
        bare: bool = False,
        environment: Mapping[str, str] | None = None,
        python: Path | None = None,
    ) -> None:
        self.port = port or 0
        self.folder = Path()
        self._fixed, self._bare, self._python = port, bare, python
        self._added = dict(environment or {})
        self._process: subprocess.Popen[bytes] | None = None
        self._watcher: subprocess.Popen[bytes] | None = None
        self._session: boto3.Session | None = None
        self._region = REGION
        self._clients: dict[str, Any] = {}

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int:
        """Its process, which leads the process group of all its Lambda workers.

        Raises:
            EmulatorError: it does not run.
        """
        if self._process is None:
            raise EmulatorError("the emulator does not run")
        return self._process.pid

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Starts it and waits until it answers.

        Raises:
            EmulatorError: it ended, or did not answer in time; or the port that it must take is in use.
            NotInstalledError: there is no emulator to start.
        """
        python = self._python or emulator_python()
        for attempt in range(1, ATTEMPTS + 1):
            self.port = usable_port(self._fixed)
            try:
                self._start(python)
            except PortTakenError:
                if self._fixed or attempt == ATTEMPTS:
                    raise
                sys.stderr.write(f"port {self.port} is in use by now: taking the next free one\n")
            else:
                return

    def _start(self, python: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="remediator-e2e-"))
        atexit.register(self.stop)
        try:
            self._launch(python)
            self._wait_until_healthy()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Ends it with all its workers and removes its folder; safe to be called twice."""
        process, self._process = self._process, None
        if process is not None:
            end(process)
        if self._watcher is not None:
            self._watcher.communicate(b"ended\n")
            self._watcher = None
        if self.folder != Path():
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = Path()
        atexit.unregister(self.stop)

    def in_region(self, region: str) -> "Emulator":
        """The same emulator asked in another region; it lives as long as the first one does."""
        other = copy(self)
        other._region, other._session, other._clients = region, None, {}
        return other

    def client(self, service: str) -> Any:
        """A boto3 client with the emulator's administrator credentials; made once per service."""
        if service not in self._clients:
            self._clients[service] = self.client_as(service, "test", "test")
        return self._clients[service]

    def client_as(self, service: str, key: str, secret: str, token: str | None = None) -> Any:
        """A boto3 client with other credentials: a role's, to see what IAM says."""
        if self._session is None:
            self._session = boto3.Session(region_name=self._region)
        return self._session.client(
            service,
            endpoint_url=self.url,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
            config=CLIENT,
        )

    def world(self, *, do: str, **what: Any) -> Any:
        """Makes something happen outside the product's reach; the emulator's answer.

        Raises:
            EmulatorError: it knows no such act, or the act failed; the message is what it said.
        """
        return self._ask("/_world", {"do": do, **what})

    def let_pass(self, world_s: float = 0) -> None:
        """Lets so many seconds of its world go by, and all that is due in them be done; 0: what is due by now.

        Raises:
            EmulatorError: it does not end; the message says at which moment of the world and what is running.
        """
        self._ask("/_world", {"do": "pass", "seconds": world_s}, within_s=PASSES_WITHIN_S)

    def now(self) -> datetime:
        """Its world's time."""
        return datetime.fromisoformat(self.view("agenda")["now"])

    def view(self, what: str) -> Any:
        """Something to look at: `denials`, `calls`, ...

        Raises:
            EmulatorError: there is no such view.
        """
        return self._ask(f"/_world/{what}")

    def visit(self, host: str, path: str) -> int:
        """The status of a GET of a public host's path over TLS."""
        headers = {"Host": host, "X-Forwarded-Proto": "https"}
        return int(HTTP.request("GET", self.url + path, headers=headers, timeout=30.0).status)

    def log_tail(self, lines: int = 40) -> str:
        """The last lines that it wrote."""
        log = self.folder / "emulator.log"
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.is_file() else ""

    def log_about(self, *words: str, most: int = 20) -> str:
        """The last lines of its log that name one of the words, in any case of letters."""
        wanted = [w.lower() for w in words]
        found = [line for line in self.log_tail(20000).splitlines() if any(w in line.lower() for w in wanted)]
        return "\n".join(found[-most:])

    def _launch(self, python: Path) -> None:
        for name in ("home", "tmp"):
            (self.folder / name).mkdir()
        module = ["ministack"] if self._bare else ["emulator", f"--port={self.port}", "--rate=0"]
        command = [str(python), "-m", *module, *([] if self._bare else [f"--dir={self.folder}"])]
        with (self.folder / "emulator.log").open("wb") as log:
            self._process = subprocess.Popen(
                command,
                cwd=self.folder,
                env=self._environment(python),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._watcher = watch(self.pid, self.folder)

    def _environment(self, python: Path) -> Mapping[str, str]:
        """A clean one: a Lambda worker inherits it, and nobody's own AWS settings may reach the product."""
        return {
            "PATH": f"{python.parent}:/usr/bin:/bin",
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(HERE),
            "PYTHONUNBUFFERED": "1",
            "AUTH": "true",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "MINISTACK_REGION": REGION,
            "MINISTACK_HOST": LOOPBACK,
            "BIND_HOST": LOOPBACK,
            "GATEWAY_PORT": str(self.port),
            "CLOUDTRAIL_RECORDING": "1",
            **self._added,
        }

    def _wait_until_healthy(self) -> None:
        until = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < until:
            if self._process is not None and self._process.poll() is not None:
                raise self._ended(self._process.returncode)
            if answers(f"{self.url}/_ministack/health"):
                return
            time.sleep(0.05)
        raise EmulatorError(f"the emulator gave no answer within {STARTS_WITHIN_S} s:\n{self.log_tail()}")

    def _ended(self, code: int) -> EmulatorError:
        log = self.log_tail()
        kind = PortTakenError if "already in use" in log or "Address in use" in log else EmulatorError
        return kind(f"the emulator ended at its start with exit code {code}:\n{log}")

    def _ask(self, path: str, body: Mapping[str, Any] | None = None, within_s: float = 60) -> Any:
        method, data = ("GET", None) if body is None else ("POST", json.dumps(body).encode())
        try:
            answer = HTTP.request(method, self.url + path, body=data, headers=JSON, timeout=within_s)
        except urllib3.exceptions.HTTPError as error:
            raise EmulatorError(f"{body or path}: {error}\n{self.log_tail()}") from error
        if answer.status != 200:
            raise EmulatorError(f"{body or path}: HTTP {answer.status}: {answer.data.decode(errors='replace')}")
        return json.loads(answer.data or b"null")
