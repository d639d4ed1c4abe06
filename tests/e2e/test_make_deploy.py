"""The way to a real account, walked on an emulator: preflight, bootstrap, deploy, destroy; and an emulator that is not there."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from . import emulator_venv
from .assembly import ROOT
from .deployment import deploy_product
from .emulator_process import REGION, Emulator
from .emulator_venv import NotInstalledError, emulator_python
from .portfolio import deploy_portfolio
from .stacks import bootstrap

REMEDIATOR = str(Path(sys.executable).parent / "remediator")
TOLD = "CDK"  # in place of the CDK's CLI: what it would be asked to do


def run(emulator, *command, typed="", **environment):
    person = {"AWS_ENDPOINT_URL": emulator.url, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    cleaned = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**cleaned, **person, "AWS_DEFAULT_REGION": REGION, **environment},
        input=typed,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def make(emulator, *words, typed=""):
    """The target without its `synth`, which would write cdk.out anew."""
    return run(emulator, "/usr/bin/env", "make", "-o", "synth", f"CDK=echo {TOLD}", *words, typed=typed)


def asked(ran):
    return [line for line in ran.stdout.splitlines() if line.startswith(f"{TOLD} ")]


@pytest.fixture(scope="module")
def account(installed):
    with Emulator(python=installed) as running:
        yield running


@pytest.mark.e2e
def test_nothing_is_deployed_before_the_account_is_bootstrapped_and_somebody_said_yes(account):
    early = make(account, "deploy")
    assert early.returncode != 0
    assert "A deployment would fail: bootstrap" in early.stdout
    assert make(account, "bootstrap").returncode != 0
    assert asked(make(account, "bootstrap", typed="y\n")) == ["CDK bootstrap --app cdk.out"]
    bootstrap(account)
    unsure = make(account, "deploy", typed="n\n")
    assert unsure.returncode != 0
    assert asked(unsure) == ["CDK diff --all --app cdk.out"]
    assert "the switch begins at observe" in unsure.stdout
    sure = make(account, "deploy", "YES=1")
    assert sure.returncode == 0
    assert asked(sure)[1] == "CDK deploy --all --app cdk.out --require-approval never"
    assert asked(make(account, "destroy", "YES=1")) == ["CDK destroy --all --app cdk.out --force"]
    assert asked(make(account, "destroy")) == ["CDK destroy --all --app cdk.out"]


@pytest.mark.e2e_short
def test_preflight_finds_what_is_deployed(emulator):
    portfolio = deploy_portfolio(emulator, mode="none")
    product = deploy_product(emulator, portfolio, switch="approve")
    emulator.client("sns").subscribe(
        TopicArn=product.outputs["TopicHigh"], Protocol="email", Endpoint="sato@example.com"
    )
    ran = run(emulator, REMEDIATOR, "preflight", "--json")
    parsed = json.loads(ran.stdout)
    by_check = {f["check"]: f for f in parsed["findings"]}
    assert (ran.returncode, parsed["ready"], parsed["region"]) == (0, True, REGION)
    assert by_check["durable"]["status"] == "ok"
    assert "says approve" in by_check["switch"]["message"]
    missing = [f["mend"] for f in parsed["findings"] if f["check"] == "workloads" and f["status"] == "missing"]
    assert any(portfolio["TargetGroupSuffix"] in m and portfolio["LoadBalancerSuffix"] in m for m in missing)
    assert any(m.startswith("aws ecs tag-resource") for m in missing)
    assert by_check["pass-roles"]["status"] == "ok"


@pytest.mark.e2e
def test_an_emulator_that_cannot_be_installed_is_one_sentence(tmp_path, monkeypatch):
    pins = tmp_path / "requirements.txt"
    pins.write_text("ministack==1.5.33\n")
    monkeypatch.setattr(emulator_venv, "PINS", pins)
    monkeypatch.setattr(emulator_venv, "FOLDER", tmp_path / "venv")
    monkeypatch.delenv(emulator_venv.GIVEN, raising=False)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(
        NotInstalledError, match=r"^The emulator cannot be installed: ERROR: .*ministack==1\.5\.33[^\n]*$"
    ):
        emulator_python()
    assert emulator_venv.main() == 1
