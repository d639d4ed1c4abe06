"""What of this process is replaced while a sandbox is open: environment, loggers, botocore's waits, one session."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import SimpleNamespace

from botocore import endpoint

from remediator.aws.runtime import Clients

from . import names
from .wire import WIRE

QUIET_LOGGERS = (
    "remediator",
    "remediator.metrics",
    "aws_durable_execution_sdk_python",
    "aws_durable_execution_sdk_python_testing",
)


@cache
def connected_clients() -> Clients:
    """One session for the process: loading AWS's models is most of the cost of a client."""
    with WIRE.sessions():
        return Clients()


@contextmanager
def environment() -> Iterator[None]:
    """The environment that the stack would give, and credentials that open nothing."""
    kept = dict(os.environ)
    nowhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    os.environ.pop("AWS_PROFILE", None)
    os.environ.update(
        AWS_ACCESS_KEY_ID="AKIASANDBOXSANDBOX00",
        AWS_SECRET_ACCESS_KEY="sandbox",  # noqa: S106  # opens nothing
        AWS_SESSION_TOKEN="sandbox",  # noqa: S106
        AWS_DEFAULT_REGION=names.REGION,
        AWS_REGION=names.REGION,
        AWS_EC2_METADATA_DISABLED="true",
        MOTO_EC2_LOAD_DEFAULT_AMIS="false",  # they are most of the cost of a world, and no story has an instance
        LEDGER_TABLE=names.LEDGER_TABLE,
        REMEDIATE_ALIAS=names.REMEDIATE_ALIAS,
        INTAKE_QUEUE=names.INTAKE_QUEUE,
        INTAKE_FUNCTION=names.INTAKE_FUNCTION,
        FIX_ROLE_PREFIX=names.FIX_ROLE_PREFIX,
        LEASE_GROUP=names.LEASE_GROUP,
        LEASE_ROLE=names.LEASE_ROLE,
        LEASE_QUEUE=names.INTAKE_ARN,
        LEASE_DEAD=names.LEASE_DEAD,
        POWERTOOLS_METRICS_NAMESPACE="Remediator",
        **nowhere,
    )
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)


@contextmanager
def quiet() -> Iterator[None]:
    """The program's log lines are for CloudWatch; here the reports speak."""
    kept = {name: logging.getLogger(name).level for name in QUIET_LOGGERS}
    for name in QUIET_LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for name, level in kept.items():
            logging.getLogger(name).setLevel(level)


@contextmanager
def retries_do_not_sleep() -> Iterator[None]:
    """Between two attempts botocore waits in real time; here nobody waits."""
    kept = endpoint.time
    endpoint.time = SimpleNamespace(sleep=lambda _: None)
    try:
        yield
    finally:
        endpoint.time = kept
