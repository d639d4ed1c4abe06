"""`remediator preflight` as an engineer types it."""

import json
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from ops.commands.options import STACK
from ops.deployment.account_checks import BOOTSTRAP
from tests.ops.commands.test_cli import said

REGION = "ap-northeast-1"
APPLICATION = Path(__file__).parents[3] / "infra" / "application.py"


@pytest.fixture
def nobody(monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / name))


def test_without_a_region_or_credentials_it_says_which_is_missing(nobody):
    status, found = said("preflight")
    assert (status, "no region is named" in found) == (1, True)
    status, found = said("preflight", "--region", REGION)
    assert (status, "no usable AWS credentials" in found) == (1, True)


def test_an_unknown_check_is_refused_with_the_names_there_are():
    status, found = said("preflight", "--only", "weather")
    assert (status, "bootstrap" in found) == (2, True)


def test_it_can_be_read_by_people_in_both_languages_and_by_programs(nobody, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        status, found = said("preflight", "--only", "bootstrap,switch", "--json")
        assert status == 1
        assert {f["check"]: f["status"] for f in json.loads(found)["findings"]} == {
            "bootstrap": "missing",
            "switch": "later",
        }
        boto3.client("ssm").put_parameter(Name=BOOTSTRAP, Value="30", Type="String")
        status, found = said("preflight", "--only", "credentials, bootstrap", "--language", "ja")
        assert status == 0
        assert found.splitlines()[-1].endswith("CDK ブートストラップ済み（バージョン 30）")


def test_the_default_stack_is_the_one_that_is_deployed():
    assert f'RemediatorStack(app, "{STACK}"' in APPLICATION.read_text()
