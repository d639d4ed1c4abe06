"""What is cut out of the wheels: nothing that is called, nothing that is imported."""

import ast
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore
import pytest
from aws_durable_execution_sdk_python import lambda_service
from botocore import xform_name
from botocore.loaders import Loader
from botocore.session import Session

from infra.bundle.build import OWN_CALLS, SOURCES, calls_of
from infra.bundle.trim import Calls, trim, trim_models, trimmed
from remediator.aws.client import client_and_method
from remediator.problems import load_all

DATA = Path(botocore.__file__).parent / "data"
ACTION = re.compile(r"[a-z0-9-]+:[A-Z][A-Za-z]+")
EDGES = ("handlers", "intake", "remediation", "approvals", "notifications", "ledger", "aws")
OWN_SOURCES = [path for folder in EDGES for path in (SOURCES / folder).glob("*.py")]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """botocore's data of the services in use, and of one more, trimmed."""
    folder = tmp_path_factory.mktemp("botocore") / "data"
    folder.mkdir()
    for service in (*calls_of(load_all()), "workspaces"):
        shutil.copytree(DATA / service, folder / service)
    for file in DATA.glob("*.json"):
        shutil.copy(file, folder)
    trim_models(folder, calls_of(load_all()))
    return folder


def _client(data: Path, service: str) -> Any:
    return _client_of(Loader(extra_search_paths=[str(data)], include_default_search_paths=False), service)


def _client_of(loader: Loader, service: str) -> Any:
    session = Session()
    session.register_component("data_loader", loader)
    return session.create_client(service, "ap-northeast-1", aws_access_key_id="x", aws_secret_access_key="x")


@pytest.mark.parametrize("service", sorted(calls_of(load_all())))
def test_every_call_of_runbooks_and_product_is_an_operation_of_the_trimmed_model(data: Path, service: str) -> None:
    client = _client(data, service)
    wanted = set(calls_of(load_all())[service])
    assert wanted <= set(client.meta.method_to_api_mapping)
    for method in wanted:
        operation = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method])
        assert _walked(operation.input_shape) is not None
        assert operation.output_shape is None or _walked(operation.output_shape)  # PutBucketPolicy answers nothing
        assert all(error.metadata.get("exception") for error in operation.error_shapes)


@pytest.mark.parametrize("service", sorted(calls_of(load_all())))
def test_an_operation_says_and_pages_as_in_the_whole_model(data: Path, service: str) -> None:
    whole = _client_of(Loader(), service)  # of its own: a client's first request may rewrite its model
    client = _client(data, service)
    assert client.meta.endpoint_url == whole.meta.endpoint_url
    for method in calls_of(load_all())[service]:
        name = whole.meta.method_to_api_mapping[method]
        before, after = (c.meta.service_model.operation_model(name) for c in (whole, client))
        assert client.can_paginate(method) == whole.can_paginate(method)
        assert _walked(after.input_shape) == _walked(before.input_shape)
        assert _walked(after.output_shape) == _walked(before.output_shape)
        assert (after.http, after.auth_type, after.static_context_parameters) == (
            before.http,
            before.auth_type,
            before.static_context_parameters,
        )


def _walked(shape: Any, seen: tuple[str, ...] = ()) -> Any:
    """A shape with everything below it, as far as a request and an answer depend on it."""
    if shape is None or shape.name in seen:
        return shape and shape.name
    below = (*seen, shape.name)
    members = {n: _walked(m, below) for n, m in getattr(shape, "members", {}).items()}
    inner = [_walked(getattr(shape, part), below) for part in ("member", "key", "value") if hasattr(shape, part)]
    return shape.name, shape.type_name, shape.serialization, shape.metadata, members, inner


def test_nothing_else_is_left(data: Path) -> None:
    assert {f.name for f in data.iterdir() if f.is_dir()} == set(calls_of(load_all()))
    for model in data.glob("*/*/service-2.json"):
        parsed = json.loads(model.read_text())
        methods = {xform_name(o) for o, v in parsed["operations"].items() if not v.get("endpointoperation")}
        assert methods == set(calls_of(load_all())[model.parent.parent.name])
    assert not list(data.rglob("*.gz"))
    assert not list(data.rglob("examples*"))
    assert '"documentation":"<p>' not in "".join(f.read_text() for f in data.rglob("*.json"))


@pytest.mark.parametrize("region", ["us-east-1", "cn-north-1", "us-gov-west-1", "eu-central-2"])
def test_every_partition_keeps_its_regions(data: Path, region: str) -> None:
    parsed = json.loads((data / "endpoints.json").read_text())
    assert any(region in partition["regions"] for partition in parsed["partitions"])
    assert not any("workspaces" in partition["services"] for partition in parsed["partitions"])


def test_every_call_in_the_product_s_own_sources_is_kept() -> None:
    named = {client_and_method(action) for path in OWN_SOURCES for action in _actions(path)}
    table = (SOURCES / "ledger" / "table.py").read_text()
    methods = re.findall(r'_send\(\s*"(\w+)"|get_paginator\("(\w+)"\)|\)\.(transact_write_items)\(', table)
    named |= {("dynamodb", "".join(found)) for found in methods}
    sdk = Path(lambda_service.__file__).read_text()
    named |= {("lambda", method) for method in re.findall(r"self\.client\.(\w+)\(", sdk)}
    missing = {(s, m) for s, m in named if m not in OWN_CALLS.get(s, ())}
    assert missing == set()
    assert {m for s, m in named if s == "dynamodb"} == set(OWN_CALLS["dynamodb"])
    assert len(named) > 14


def _actions(path: Path) -> Iterator[str]:
    """IAM's names of calls in what a file declares or sends itself; runbooks declare the rest."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            found = node.args[0].value
            if isinstance(found, str) and ACTION.fullmatch(found):
                yield found


def test_a_member_that_is_named_documentation_stays() -> None:
    model = {
        "metadata": {"serviceId": "X"},
        "documentation": "words",
        "operations": {
            "Get": {"name": "Get", "input": {"shape": "In", "documentation": "words"}, "documentation": "words"},
            "Put": {"name": "Put", "input": {"shape": "Other"}},
        },
        "shapes": {
            "In": {"type": "structure", "members": {"documentation": {"shape": "Text", "documentation": "words"}}},
            "Text": {"type": "string", "documentation": "words"},
            "Other": {"type": "string"},
        },
    }
    left = trimmed(model, {"get"})
    assert left["operations"] == {"Get": {"name": "Get", "input": {"shape": "In"}}}
    assert left["shapes"] == {
        "In": {"type": "structure", "members": {"documentation": {"shape": "Text"}}},
        "Text": {"type": "string"},
    }
    assert "words" not in json.dumps(left)


@pytest.mark.parametrize(
    ("calls", "text"),
    [
        ({"elasticloadbalancingv9": {"x"}}, "no model of elasticloadbalancingv9"),
        ({"sqs": {"send_telegram"}}, "SQS has no send_telegram"),
    ],
)
def test_what_botocore_does_not_have_is_named(tmp_path: Path, calls: Calls, text: str) -> None:
    shutil.copytree(DATA / "sqs", tmp_path / "sqs")
    with pytest.raises(ValueError, match=text):
        trim_models(tmp_path, calls)
    assert (tmp_path / "sqs").is_dir()


def test_packages_that_no_entry_imports_are_left_out(tmp_path: Path) -> None:
    data = tmp_path / "botocore" / "data"
    shutil.copytree(DATA / "sqs", data / "sqs")
    (data / "endpoints.json").write_text('{"partitions": []}')
    for kept in ("aws_lambda_powertools/logging", "aws_lambda_powertools/event_handler", "boto3/data"):
        (tmp_path / kept).mkdir(parents=True)
    trim(tmp_path, {"sqs": {"send_message"}})
    assert sorted(p.name for p in (tmp_path / "aws_lambda_powertools").iterdir()) == ["logging"]
    assert list((tmp_path / "boto3").iterdir()) == []
