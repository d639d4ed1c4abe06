"""The whole application, as `python app.py` makes it: cdk-nag, the CDK's own validation and cfn-lint find nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks

from infra.bundle.build import BUILD, Bundle, calls_of
from infra.bundle.interpreter import find_interpreter
from infra.declared import cdk_context, declared_from
from infra.stack import RemediatorStack
from remediator.problems import load_all

from .stand_in import stand_in

pytestmark = [pytest.mark.synth, pytest.mark.xdist_group("checks")]  # one worker, one synthesis
ROOT = BUILD.parent

# Said by the CDK itself: it names a role both as the function's role and as what the function waits for.
OF_THE_CDK = "W3005"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `python app.py` writes with nothing on PATH and no credentials."""
    out = tmp_path_factory.mktemp("cdk")
    environment = {"HOME": os.environ["HOME"], "CDK_OUTDIR": str(out), "PATH": "/nowhere"}
    kept = {k: v for k, v in os.environ.items() if k.startswith(("PIP_", "SSL_", "REQUESTS_"))}
    ran = subprocess.run(  # our own program
        [sys.executable, str(ROOT / "app.py")],
        cwd=ROOT,
        env={**kept, **environment, "CDK_VALIDATION": "true"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-4000:]
    return out


def test_cdk_nag_and_the_cdks_own_validation_find_nothing(written: Path) -> None:
    report = json.loads((written / "validation-report.json").read_text())
    assert report["pluginReports"] == []


def test_cdk_nag_looks_at_whatever_is_not_acknowledged(tmp_path: Path) -> None:
    app = App(outdir=str(tmp_path / "out"))
    (tmp_path / "code").mkdir()
    RemediatorStack(
        app,
        "Remediator",
        runbooks=(stand_in(),),
        declared=declared_from(cdk_context().get),
        bundle=Bundle(tmp_path / "code", "0" * 64),
    )
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()
    found = json.loads((tmp_path / "out" / "validation-report.json").read_text())
    rules = {v["ruleName"].split("[")[0] for r in found["pluginReports"] for v in r["violations"]}
    assert rules == {"AwsSolutions-IAM5", "AwsSolutions-L1", "AwsSolutions-SQS3"}


def test_cfn_lint_finds_nothing(written: Path) -> None:
    lint = [
        str(Path(sys.executable).with_name("cfn-lint")),
        "-i",
        OF_THE_CDK,
        "-r",
        "ap-northeast-1",
        "us-east-1",
        "--",
    ]
    ran = subprocess.run(  # cfn-lint of this environment
        [*lint, str(written / "Remediator.template.json")], capture_output=True, text=True, timeout=300, check=False
    )
    assert ran.stdout == ""
    assert ran.returncode == 0


def test_the_template_names_no_account_and_no_region(written: Path) -> None:
    template = json.loads((written / "Remediator.template.json").read_text())
    offered = template.pop("Rules")
    assert offered
    assert "ap-northeast-1" not in json.dumps(template)
    manifest = json.loads((written / "manifest.json").read_text())
    assert manifest["artifacts"]["Remediator"]["environment"] == "aws://unknown-account/unknown-region"


def test_the_asset_is_the_bundle_with_its_settings(written: Path) -> None:
    assets = json.loads((written / "Remediator.assets.json").read_text())["files"]
    (code,) = [written / f["source"]["path"] for f in assets.values() if f["source"]["packaging"] == "zip"]
    assert json.loads((code / "settings.json").read_text())["workloads"][0]["name"] == "portfolio"
    assert (code / "remediator" / "problems" / "__init__.py").is_file()
    assert (code / "aws_durable_execution_sdk_python").is_dir()


def test_the_bundle_starts_by_itself_and_has_every_client_that_it_needs(written: Path) -> None:
    interpreter = find_interpreter("3.13")
    if interpreter is None:
        pytest.skip("this machine has no Python 3.13")
    template = json.loads((written / "Remediator.template.json").read_text())
    entries = [r["Properties"]["Handler"] for r in template["Resources"].values() if "Handler" in r["Properties"]]
    entries.append("remediator.handlers.slack.handle")  # only in the stack where a webhook is declared
    program = f"""
import importlib, boto3
for entry in {entries!r}:
    module, name = entry.rsplit(".", 1)
    assert callable(getattr(importlib.import_module(module), name))
for service in {sorted(calls_of(load_all()))!r}:
    boto3.client(service)
"""
    (code,) = written.glob("asset.*")
    ran = subprocess.run(  # the bundle, with nothing else of this machine
        [interpreter, "-S", "-c", program],
        env={"PYTHONPATH": str(code), "AWS_DEFAULT_REGION": "ap-northeast-1", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
