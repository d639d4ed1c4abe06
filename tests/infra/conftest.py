"""One synthesis for all tests: starting Node and loading the CDK costs seconds, a further stack little."""

import os
from importlib.util import find_spec
from typing import Any

import pytest

from infra.declared import Declared, cdk_context, declared_from

from .stand_in import stand_in

os.environ.setdefault("CDK_VALIDATION", "false")  # test_checks turns the CDK's own validation on, once

NEED_THE_CDK = (
    "chat",
    "checks",
    "dashboard",
    "edge_stack",
    "leases",
    "node",
    "own_alarms",
    "permissions",
    "rules",
    "slack",
    "stack",
    "workload_alarms",
)
# `make test-fast` installs no CDK; test_cdk_is_installed then says that these were left out.
collect_ignore = [] if find_spec("aws_cdk") else [f"test_{name}.py" for name in NEED_THE_CDK]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="write the list of IAM permissions anew")


@pytest.fixture(scope="session")
def declared() -> Declared:
    return declared_from(cdk_context().get)


@pytest.fixture(scope="session")
def stack(template: Any) -> Any:
    from .reading import Stack

    return Stack(template)


@pytest.fixture(scope="session")
def small(declared: Declared) -> Any:
    """The stack of stand-in runbooks: what must hold whichever runbooks there are."""
    from infra.golden import synthesised

    from .reading import Stack

    return Stack(synthesised((stand_in("ecs_one"), stand_in("ecs_two")), declared))
