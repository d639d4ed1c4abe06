"""What a Lambda entry works with: settings, names of its environment, clients, clock. Built once per process."""

import json
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from ..core.ports import HttpAnswer
from ..core.settings import Settings, settings_from
from .http import http_get

SETTINGS_FILE = Path(__file__).parents[2] / "settings.json"  # the bundle's root
# A fixed text: what botocore would put together for each request instead costs 0.1 ms of CPU.
USER_AGENT = f"remediator Boto3/{boto3.__version__}"
READS = Config(
    retries={"mode": "standard", "total_max_attempts": 3},
    connect_timeout=2,
    read_timeout=8,
    max_pool_connections=16,
    user_agent=USER_AGENT,
)
WRITES = Config(
    retries={"mode": "standard", "total_max_attempts": 1},  # a fix is sent once
    connect_timeout=2,
    read_timeout=20,
    user_agent=f"{USER_AGENT} fix",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Names that the stack gives by environment variables; empty where an entry does not need one."""

    ledger_table: str = ""
    topics: Mapping[str, str] = field(default_factory=dict)  # level or "pager" -> ARN
    remediate_alias: str = ""
    intake_queue: str = ""
    intake_function: str = ""
    approve_function: str = ""
    fix_role_prefix: str = ""
    lease_group: str = ""
    lease_role: str = ""
    lease_queue: str = ""
    lease_dead: str = ""
    slack_secret: str = ""  # ARN of the secret that holds the webhook

    @property
    def account(self) -> str:
        """Whose deployment this is, empty where no function is known."""
        return self.remediate_alias.split(":")[4] if self.remediate_alias.count(":") >= 4 else ""

    @classmethod
    def from_environment(cls) -> "Environment":
        """As `os.environ` has them now."""
        named = {t: os.environ.get(f"TOPIC_{t.upper()}", "") for t in ("high", "medium", "low", "pager")}
        return cls(
            ledger_table=os.environ.get("LEDGER_TABLE", ""),
            topics={t: arn for t, arn in named.items() if arn},
            remediate_alias=os.environ.get("REMEDIATE_ALIAS", ""),
            intake_queue=os.environ.get("INTAKE_QUEUE", ""),
            intake_function=os.environ.get("INTAKE_FUNCTION", ""),
            approve_function=os.environ.get("APPROVE_FUNCTION", ""),
            fix_role_prefix=os.environ.get("FIX_ROLE_PREFIX", ""),
            lease_group=os.environ.get("LEASE_GROUP", ""),
            lease_role=os.environ.get("LEASE_ROLE", ""),
            lease_queue=os.environ.get("LEASE_QUEUE", ""),
            lease_dead=os.environ.get("LEASE_DEAD", ""),
            slack_secret=os.environ.get("SLACK_SECRET", ""),
        )


class Requests:
    """How many requests to AWS a session has sent, by service; each repetition is one more."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sent: dict[str, int] = {}

    def sent(self, event_name: str = "", **_: Any) -> None:
        """Counts one: botocore tells of each as `request-created.<service>.<operation>`."""
        service = event_name.split(".")[1]
        with self._lock:
            self._sent[service] = self._sent.get(service, 0) + 1

    def taken(self) -> Mapping[str, int]:
        """What was sent since this was asked last."""
        with self._lock:
            taken, self._sent = self._sent, {}
        return taken


class Clients:
    """boto3 clients of one session, made on first use and kept: the session's models are loaded once.

    Attributes:
        requests: what the session has sent, whoever made the client.
    """

    def __init__(self, session: boto3.Session | None = None) -> None:
        self._session = session or boto3.Session()
        self.requests = Requests()
        self._session.events.register("request-created", self.requests.sent)
        self._made: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()  # Session.client is not safe across threads

    def __call__(self, service: str, region: str = "") -> Any:
        """The client for reads of `service`, in another region where one is named."""
        with self._lock:
            key = (service, region)
            if key not in self._made:
                self._made[key] = self._session.client(service, region_name=region or None, config=READS)
            return self._made[key]

    def as_role(self, service: str, credentials: Mapping[str, str]) -> Any:
        """A client that acts with the credentials of an assumed role and sends each request once."""
        with self._lock:
            return self._session.client(
                service,
                aws_access_key_id=credentials["AccessKeyId"],
                aws_secret_access_key=credentials["SecretAccessKey"],
                aws_session_token=credentials["SessionToken"],
                config=WRITES,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """Everything outside the program that an entry touches."""

    settings: Settings
    environment: Environment
    clients: Clients
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    http_get: Callable[[str], HttpAnswer] = http_get


_installed: list[Runtime] = []


def install(runtime: Runtime | None) -> None:
    """Makes `runtime` the current one (a laptop's sandbox does); None goes back to the environment's."""
    _installed[:] = [runtime] if runtime else []


def current() -> Runtime:
    """The installed runtime, else the one that the environment describes."""
    return _installed[0] if _installed else _from_environment()


@cache
def _from_environment() -> Runtime:
    declared = json.loads(SETTINGS_FILE.read_text()) if SETTINGS_FILE.exists() else {}
    given = json.loads(os.environ.get("WORKLOADS_GIVEN", "{}"))
    return Runtime(
        settings=settings_from(declared).with_given(given),
        environment=Environment.from_environment(),
        clients=Clients(shared_session()),
    )


def prepare(*services: str) -> None:
    """Makes the clients of `services` in Lambda's init phase, which runs at full CPU; elsewhere it does nothing.

    Called at import of a handler with what its every invocation needs. Source: AWS, Lambda developer guide, execution
    environment lifecycle; only Lambda sets `AWS_LAMBDA_INITIALIZATION_TYPE`.
    """
    if "AWS_LAMBDA_INITIALIZATION_TYPE" in os.environ:
        for service in services:
            current().clients(service)


def shared_session() -> boto3.Session:
    """boto3's own default session: the durable SDK makes its client from it, and models are loaded once."""
    if boto3.DEFAULT_SESSION is None:
        boto3.setup_default_session()
    assert boto3.DEFAULT_SESSION  # noqa: S101  # what the line above is for
    return boto3.DEFAULT_SESSION
