"""The emulator starts, fails and ends with a word and without a trace; the very template of `make synth` stands on it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from sandbox import names

from .assembly import ROOT, synthesise
from .deployment import deploy_product
from .emulator_process import ACCOUNT, REGION, Emulator
from .portfolio import NOT_IN_THE_EMULATOR, TEMPLATE, deploy_portfolio, with_numbers, without_what_the_emulator_lacks
from .process_group import EmulatorError, PortTakenError
from .stacks import Deployed, DeploymentError, deploy

short = pytest.mark.e2e_short
HOLD = """
import signal, sys, time
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)  # a suite in a shell's background has it ignored
from tests.e2e.emulator_process import Emulator
emulator = Emulator(bare=True, python=Path(sys.argv[1]))
emulator.start()
print(emulator.pid, emulator.folder, flush=True)
time.sleep(60)
"""
REFUSED = {"Resources": {"Bad": {"Type": "AWS::Nothing::AtAll"}, "Good": {"Type": "AWS::SNS::Topic"}}}


def alive(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def gone(group, within_s=8):
    until = time.monotonic() + within_s
    while alive(group) and time.monotonic() < until:
        time.sleep(0.05)
    return not alive(group)


def listens_on(port):
    """Addresses that something listens on, where the kernel tells (Linux)."""
    table = Path("/proc/net/tcp")
    rows = [line.split() for line in table.read_text().splitlines()[1:]] if table.exists() else []
    return {row[1].split(":")[0] for row in rows if row[3] == "0A" and int(row[1].split(":")[1], 16) == port}


@short
def test_it_answers_on_loopback_alone_with_a_clean_environment(installed, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_OF_SOMEBODY", "x")
    with Emulator(bare=True, python=installed) as running:
        assert running.client("sts").get_caller_identity()["Account"] == ACCOUNT
        environment = Path(f"/proc/{running.pid}/environ")
        if environment.exists():
            assert b"SOMEBODY" not in environment.read_bytes()
        assert listens_on(running.port) <= {"0100007F"}  # 127.0.0.1, as the kernel writes it
        group, folder = running.pid, running.folder
    assert not alive(group)
    assert not folder.exists()


@short
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_behind_when_its_driver_dies(installed, how):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(installed)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as driver:
        group, folder = driver.stdout.readline().split()
        driver.send_signal(how)
        driver.wait(60)
    assert gone(int(group))
    until = time.monotonic() + 8
    while Path(folder).exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not Path(folder).exists()


@short
def test_a_port_in_use_is_named_and_a_free_one_is_taken_unless_it_must_be_that_one(installed):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        with pytest.raises(PortTakenError, match=f"port {port} of 127.0.0.1 is in use"):
            Emulator(port=port, python=installed).start()


@short
def test_a_port_that_is_taken_meanwhile_is_left_for_the_next_free_one(installed, monkeypatch, capsys):
    from . import emulator_process

    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        taken, real = [busy.getsockname()[1]], emulator_process.usable_port
        monkeypatch.setattr(emulator_process, "usable_port", lambda fixed: taken.pop() if taken else real(fixed))
        monkeypatch.setattr(emulator_process, "answers", lambda url: str(busy.getsockname()[1]) not in url)
        with Emulator(bare=True, python=installed) as running:
            assert running.port != busy.getsockname()[1]
    assert "is in use by now: taking the next free one" in capsys.readouterr().err


@short
def test_an_emulator_that_does_not_start_says_its_exit_code_and_last_words(tmp_path):
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho no such module: ministack >&2\nexit 3\n")
    broken.chmod(0o755)
    emulator = Emulator(python=broken)
    with pytest.raises(EmulatorError, match=r"(?s)exit code 3:.*no such module: ministack"):
        emulator.start()
    assert emulator.folder == Path()
    with pytest.raises(EmulatorError, match="does not run"):
        _ = emulator.pid


@short
def test_the_template_is_what_make_synth_writes():
    make = subprocess.run(
        ["/usr/bin/env", "make", "-n", "synth"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert ".venv/bin/python app.py" in make.splitlines()
    assembly = synthesise()
    assert assembly.template["Parameters"]["BootstrapVersion"]["Type"] == "AWS::SSM::Parameter::Value<String>"
    switch = next(r for r in assembly.template["Resources"].values() if r["Type"] == "AWS::SSM::Parameter")
    assert switch["Properties"]["Value"] == "observe"


@short
def test_product_and_portfolio_stand_beside_each_other_and_can_be_removed(emulator):
    portfolio = deploy_portfolio(emulator)
    product = deploy_product(emulator, portfolio)
    deployed = emulator.client("cloudformation").get_template(StackName=product.name)["TemplateBody"]
    written = synthesise().template_file.read_text()
    assert deployed == written or deployed == json.loads(written)
    assert emulator.client("ssm").get_parameter(Name=product.outputs["Switch"])["Parameter"]["Value"] == "auto"
    alarms = emulator.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert "portfolio-targets-unhealthy" in {a["AlarmName"] for a in alarms}
    assert emulator.client("lambda").get_function(FunctionName=product.outputs["IntakeFunction"])
    product.destroy()
    portfolio.destroy()
    with pytest.raises(ClientError):
        emulator.client("lambda").get_function(FunctionName=product.outputs["IntakeFunction"])


@short
def test_the_portfolio_has_the_sandbox_s_names(bare):
    portfolio = deploy_portfolio(bare, mode="approve")
    assert portfolio["ClusterName"] == names.CLUSTER
    assert portfolio["ServiceArn"] == names.ecs_arn(f"service/{names.CLUSTER}/{names.SERVICE}")
    assert (portfolio["TableName"], portfolio["BucketName"]) == (names.TABLE, names.BUCKET)
    assert portfolio["TargetGroupSuffix"].startswith("targetgroup/portfolio-api/")
    assert portfolio["LoadBalancerSuffix"].startswith("app/portfolio-alb/")
    assert (ACCOUNT, REGION) == (names.ACCOUNT, names.REGION)
    (service,) = bare.client("ecs").describe_services(
        cluster=names.CLUSTER, services=[names.SERVICE], include=["TAGS"]
    )["services"]
    assert {"key": "auto-remediation", "value": "approve"} in service["tags"]
    assert service["desiredCount"] == 2


@short
def test_a_stack_that_fails_says_which_resource_and_why(bare):
    with pytest.raises(DeploymentError, match=r"(?s)broken is .*AWS::Nothing::AtAll"):
        deploy(bare, "broken", json.dumps(REFUSED))


@short
def test_a_change_of_the_template_is_deployed(bare):
    def without_metric_math(template):  # what the bare emulator refuses
        kept = {k: r for k, r in template["Resources"].items() if "Metrics" not in r.get("Properties", {})}
        return {**template, "Resources": kept}

    product = deploy_product(bare, change=without_metric_math, switch="off")
    assert isinstance(product, Deployed)
    assert product.physical("FunctionsIntake7") == "remediator-intake"
    with pytest.raises(DeploymentError, match="0 resources begin with Nothing"):
        product.physical("Nothing")


@pytest.mark.e2e
@pytest.mark.parametrize("kind", NOT_IN_THE_EMULATOR)
def test_the_emulator_still_lacks(bare, kind):
    """Where this fails, the type can go from NOT_IN_THE_EMULATOR."""
    template = json.loads(TEMPLATE.read_text())
    name = next(n for n, r in template["Resources"].items() if r["Type"] == kind)
    lone = {"Resources": {name: {"Type": kind, "Properties": {"VpcId": "vpc-00000001", "NetworkAclId": "acl-0"}}}}
    with pytest.raises(DeploymentError, match=r"(?i)unsupported|not supported|unrecognized"):
        deploy(bare, "lone", json.dumps(lone))


def test_cloudformation_would_take_the_portfolio():
    linter = Path(sys.executable).parent / "cfn-lint"
    ran = subprocess.run([linter, "-r", REGION, "-t", TEMPLATE], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "")


def test_what_the_emulator_is_given_differs_in_the_lacking_types_alone():
    template = json.loads(TEMPLATE.read_text())
    given = with_numbers(without_what_the_emulator_lacks(template), {"Tasks": "3", "CircuitBreaker": "true"})
    left_out = {k for k in template["Resources"] if k not in given["Resources"]}
    assert {template["Resources"][k]["Type"] for k in left_out} == set(NOT_IN_THE_EMULATOR)
    service = given["Resources"]["Service"]["Properties"]
    assert (service["DesiredCount"], service["DeploymentConfiguration"]["DeploymentCircuitBreaker"]["Enable"]) == (
        3,
        True,
    )
    assert given["Resources"]["Users"] != template["Resources"]["Users"]
    assert given["Resources"]["TaskGroup"] == template["Resources"]["TaskGroup"]


def test_the_requirements_pin_the_whole_tree():
    lines = (Path(__file__).parent / "requirements.txt").read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+==[0-9][0-9a-z.]+", pin) for pin in pins)
    assert "ministack==1.5.33" in pins
