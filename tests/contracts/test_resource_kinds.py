"""Each kind of AWS resource is one value: no other product file asks which kind it has before it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import infra
import ops
import remediator
from remediator.core.event_fields import Place
from remediator.resources.kinds import from_dimensions, kinds, namespaces, of_arn

NAMES = {kind.name for kind in kinds()}
PLACE = Place("aws", "ap-northeast-1", "123456789012")
ROOTS = [Path(package.__path__[0]) for package in (remediator, infra, ops)]
FILES = sorted(file for root in ROOTS for file in root.rglob("*.py") if file.name != "kind.py")
# A kind of something else that has a resource's word.
COMPARED = {
    "distribution_origin.py": {"bucket"},  # the kind of a distribution's origin: bucket, website or custom
}
# Settings of a workload, as `cdk.json` spells them.
KEYED = {
    "workload_checks.py": {"load_balancer", "target_group"},  # the settings that a person is told to write
}
# Values that carry an ARN and are no incident's resource.
CARRIERS = {
    "hand_over_rules.py": {""},  # asked for the name in its ARN alone
    "context.py": {""},
    "missing_permissions.py": {"task_definition"},  # what an execution role is judged for
}
DIMENSIONS = {
    "ecs_service": ("AWS/ECS", {"ClusterName": "portfolio-cluster", "ServiceName": "portfolio-api-service"}),
    "table": ("AWS/DynamoDB", {"TableName": "portfolio-users"}),
    "load_balancer": ("AWS/ApplicationELB", {"LoadBalancer": "app/portfolio-alb/50dc6c495c0c9188"}),
    "target_group": (
        "AWS/ApplicationELB",
        {"LoadBalancer": "app/portfolio-alb/50dc6c495c0c9188", "TargetGroup": "targetgroup/api/73e2d6bc24d8a067"},
    ),
    "distribution": ("AWS/CloudFront", {"DistributionId": "E2QWRUHAPOMQZL", "Region": "Global"}),
}


def texts(node: ast.AST) -> set[str]:
    return {c.value for c in ast.walk(node) if isinstance(c, ast.Constant) and isinstance(c.value, str)}


def is_a_kind(node: ast.AST) -> bool:
    named = [
        n.attr if isinstance(n, ast.Attribute) else n.id
        for n in ast.walk(node)
        if hasattr(n, "attr") or hasattr(n, "id")
    ]
    return "kind" in named


def compared(tree: ast.AST) -> Iterator[str]:
    """Names of kinds that a kind is compared with: `==`, `in`, `match`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and is_a_kind(node):
            yield from texts(node) & NAMES
        if isinstance(node, ast.Match) and is_a_kind(node.subject):
            yield from {text for case in node.cases for text in texts(case.pattern)} & NAMES


def keyed(tree: ast.AST) -> Iterator[str]:
    """Names of kinds that are keys of a table."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            yield from {text for key in node.keys if key for text in texts(key)} & NAMES


def made(tree: ast.AST) -> Iterator[str]:
    """Kinds of the resources that are made by a literal."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Resource" and node.args:
            yield from texts(node.args[0]) if isinstance(node.args[0], ast.Constant) else ()


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_no_file_but_the_kinds_own_switches_on_a_kind(file):
    tree = ast.parse(file.read_text(encoding="utf-8"))
    assert set(compared(tree)) <= COMPARED.get(file.name, set())
    assert set(keyed(tree)) <= KEYED.get(file.name, set())


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_a_resource_is_of_a_kind_that_a_folder_declares(file):
    tree = ast.parse(file.read_text(encoding="utf-8"))
    assert set(made(tree)) - NAMES <= CARRIERS.get(file.name, set())


def test_the_contract_sees_each_form_of_a_switch():
    written = 'if resource.kind == "table": ...\nif kind in ("bucket", "x"): ...\nmatch r.kind:\n    case "queue" | "table": ...'
    assert set(compared(ast.parse(written))) == {"table", "bucket"}
    assert set(keyed(ast.parse('services = {"ecs_service": ("ECS",)}.get(kind)'))) == {"ecs_service"}
    assert set(made(ast.parse('Resource("tabel", arn)'))) == {"tabel"}


def test_no_two_kinds_have_one_name():
    assert len(NAMES) == len(kinds())


@pytest.mark.parametrize("name", sorted(k.name for k in kinds() if k.namespaces))
def test_an_alarms_dimensions_name_a_resource_of_the_kinds_own_arn(name):
    namespace, dimensions = DIMENSIONS[name]
    found = from_dimensions(namespace, dimensions, PLACE)
    assert found is not None
    assert found.kind == name
    assert of_arn(found.arn) == found
    assert from_dimensions(namespace, dict.fromkeys(dimensions, "../*"), PLACE) is None


def test_no_resource_is_named_by_dimensions_of_an_unknown_namespace():
    assert "AWS/Lambda" not in namespaces()
    assert from_dimensions("AWS/Lambda", {"FunctionName": "f", "TableName": "t"}, PLACE) is None


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.name)
def test_an_action_is_bound_to_the_tag_or_to_the_arn_and_is_no_destruction(kind):
    writes = kind.write_condition
    assert not set(writes.opt_in_tag) & set(writes.exact_arn)
    for action in (*writes.opt_in_tag, *writes.exact_arn):
        service, operation = action.split(":")
        assert service == kind.arn.service
        assert not operation.startswith("Delete")
    assert "Delete*" in writes.destroying
    assert writes.tagging


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.name)
def test_a_kind_is_called_something_in_both_languages(kind):
    assert kind.title.en
    assert kind.title.ja != kind.title.en
