"""Says aloud when the stacks were not tested."""

from importlib.util import find_spec

import pytest


def test_the_stacks_are_tested() -> None:
    if find_spec("aws_cdk") is None:
        pytest.skip("aws-cdk-lib is not installed (requirements.txt): the stacks were not tested")
    assert find_spec("cdk_nag"), "cdk-nag belongs to requirements.txt"
