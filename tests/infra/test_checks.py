"""The whole application, as `python app.py` makes it: cdk-nag, the CDK's own validation and cfn-lint find nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.bundle import BUILD

pytestmark = [pytest.mark.synth, pytest.mark.xdist_group("checks")]  # one worker, one synthesis
ROOT = BUILD.parent

# Said by the CDK itself: it names a role both as the function's role and as what the function waits for.
OF_THE_CDK = "W3005"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `python app.py` writes with nothing on PATH and no credentials."""
    out = tmp_path_factory.mktemp("cdk")
    surroundings = {"HOME": os.environ["HOME"], "CDK_OUTDIR": str(out), "PATH": "/nowhere"}
    kept = {k: v for k, v in os.environ.items() if k.startswith(("PIP_", "SSL_", "REQUESTS_"))}
    ran = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, str(ROOT / "app.py")],
        cwd=ROOT,
        env={**kept, **surroundings, "CDK_VALIDATION": "true"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-4000:]
    return out


def test_cdk_nag_and_the_cdks_own_validation_find_nothing(written: Path) -> None:
    report = json.loads((written / "validation-report.json").read_text())
    assert [p["summary"]["status"] for p in report["pluginReports"]] == ["success"] * len(report["pluginReports"])
    assert "cdk-nag" in json.dumps(report).lower()


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
    ran = subprocess.run(  # noqa: S603  # cfn-lint of this environment
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
    assert (code / "remediator" / "runbooks" / "__init__.py").is_file()
    assert (code / "aws_durable_execution_sdk_python").is_dir()
