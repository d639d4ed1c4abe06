"""One synthesis for all tests: starting Node and loading the CDK costs seconds, a further stack little."""

import os

os.environ.setdefault("CDK_VALIDATION", "false")  # test_checks turns the CDK's own validation on, once

import pytest

from infra.declared import Declared, cdk_context, declared_from
from infra.golden import Template, synthesised
from remediator.runbooks import load_all

from .reading import Stack
from .stand_in import stand_in


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="write the list of IAM permissions anew")


@pytest.fixture(scope="session")
def declared() -> Declared:
    return declared_from(cdk_context().get)


@pytest.fixture(scope="session")
def template(declared: Declared) -> Template:
    """The stack as it is deployed: all runbooks, `cdk.json` as it stands."""
    return synthesised(load_all(), declared)


@pytest.fixture(scope="session")
def stack(template: Template) -> Stack:
    return Stack(template)


@pytest.fixture(scope="session")
def small(declared: Declared) -> Stack:
    """The stack of stand-in runbooks: what must hold whichever runbooks there are."""
    return Stack(synthesised((stand_in("ecs_one"), stand_in("ecs_two")), declared))
