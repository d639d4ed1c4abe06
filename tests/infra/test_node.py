"""The CDK runs on the Node that the virtual environment brings."""

import os
from pathlib import Path

import pytest

from infra.node import bundled_node, choose_node


def test_node_comes_with_the_virtual_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JSII_NODE", raising=False)
    choose_node()
    assert Path(os.environ["JSII_NODE"]) == bundled_node()


def test_a_node_that_was_chosen_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JSII_NODE", "/opt/node")
    choose_node()
    assert os.environ["JSII_NODE"] == "/opt/node"
