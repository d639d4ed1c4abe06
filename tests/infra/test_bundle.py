"""The bundle: the same inputs give the same name, only what is used is in it, and nothing unpinned."""

import re
from importlib.metadata import requires
from pathlib import Path

import pytest

from infra.bundle import build as bundle
from infra.bundle.build import OWN_CALLS, PINS, SOURCES, build, calls_of
from infra.bundle.interpreter import find_interpreter
from infra.bundle.trim import Calls
from remediator.aws.client import client_and_method
from remediator.core.ports import Permission
from remediator.core.runbook import AnyRunbook
from remediator.gates.evidence import GateEvidence
from remediator.remediation.context_evidence import ContextEvidence

from .stand_in import stand_in

WHEEL = "print('a wheel')\n"


@pytest.fixture
def without_pip(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Lets a small file stand for the wheels; the list says how often they were installed."""
    installed: list[Path] = []

    def install(folder: Path, calls: Calls, interpreter: str | None) -> None:
        installed.append(folder)
        (folder / "wheel.py").write_text(WHEEL)

    monkeypatch.setattr(bundle, "_install", install)
    return installed


def _runbooks() -> tuple[AnyRunbook, ...]:
    return (stand_in(),)


def test_it_holds_the_wheels_the_sources_and_the_settings(tmp_path: Path, without_pip: list[Path]) -> None:
    made = build(_runbooks(), '{"language": "ja"}\n', tmp_path)
    assert (made.folder / "wheel.py").read_text() == WHEEL
    assert (made.folder / "remediator" / "core" / "model.py").is_file()
    assert (made.folder / "settings.json").read_text() == '{"language": "ja"}\n'


def test_it_holds_every_template(tmp_path: Path, without_pip: list[Path]) -> None:
    made = build((), "{}", tmp_path)
    templates = {path.relative_to(SOURCES) for path in SOURCES.rglob("templates/*")}
    assert {path.parent.parent.name for path in templates} == {"page", "dashboard"}
    assert all((made.folder / "remediator" / path).is_file() for path in templates)


def test_nothing_of_this_machine_gets_into_it(tmp_path: Path, without_pip: list[Path]) -> None:
    made = build(_runbooks(), "{}", tmp_path)
    for compiled in made.folder.rglob("*.pyc"):
        assert ".cpython-313." in compiled.name
        assert str(tmp_path).encode() not in compiled.read_bytes()


def test_it_is_compiled_where_python_313_is_found(tmp_path: Path, without_pip: list[Path]) -> None:
    if find_interpreter("3.13") is None:
        pytest.skip("this machine has no Python 3.13")
    made = build(_runbooks(), "{}", tmp_path)
    (compiled,) = made.folder.glob("remediator/core/__pycache__/model.*.pyc")
    unchecked = compiled.read_bytes()[4:8]
    assert unchecked == (1).to_bytes(4, "little")  # by content, not by time: PEP 552


def test_a_machine_without_python_313_is_told_that_the_bundle_starts_slowly(
    tmp_path: Path, without_pip: list[Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bundle, "find_interpreter", lambda version: None)
    made = build(_runbooks(), "{}", tmp_path)
    assert "half a second longer" in capsys.readouterr().err
    assert not list(made.folder.rglob("*.pyc"))


def test_the_wheels_are_installed_once_while_the_pins_stay(tmp_path: Path, without_pip: list[Path]) -> None:
    first = build(_runbooks(), "{}", tmp_path)
    again = build(_runbooks(), "{}", tmp_path)
    other = build(_runbooks(), '{"language": "ja"}', tmp_path)
    assert len(without_pip) == 1
    assert (first.hash, first.folder) == (again.hash, again.folder)
    assert other.hash != first.hash


def test_another_service_is_another_bundle(tmp_path: Path, without_pip: list[Path]) -> None:
    one = build(_runbooks(), "{}", tmp_path)
    two = build((stand_in("x", Permission("cloudfront:CreateInvalidation")),), "{}", tmp_path)
    assert one.hash != two.hash


def test_an_interrupted_build_leaves_nothing_that_looks_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(folder: Path, *rest: object) -> None:
        (folder / "half.py").write_text("")
        raise OSError("no space")

    monkeypatch.setattr(bundle, "_install", breaks)
    with pytest.raises(OSError, match="no space"):
        build(_runbooks(), "{}", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_it_carries_the_services_that_runbooks_and_product_call() -> None:
    register = stand_in(
        "x", Permission("elasticloadbalancing:ModifyTargetGroup"), Permission("iam:PassRole", called=False)
    )
    around = {client_and_method(p.action)[0] for p in (*ContextEvidence.reads(), *GateEvidence.reads())}
    assert {*calls_of((register,))} == {*OWN_CALLS, *around, "ecs", "cloudwatch", "elbv2"}
    calls = calls_of((register,))
    assert calls["elbv2"] == {"modify_target_group"}
    assert calls["cloudwatch"] == {"describe_alarms", "get_metric_data", "list_alarm_mute_rules"}
    assert "iam" not in calls


def test_another_call_is_another_bundle(tmp_path: Path, without_pip: list[Path]) -> None:
    one = build((stand_in("x", Permission("ecs:UpdateService")),), "{}", tmp_path)
    two = build((stand_in("x", Permission("ecs:StopTask")),), "{}", tmp_path)
    assert one.hash != two.hash


def test_whatever_a_pinned_wheel_needs_is_pinned_too() -> None:
    pins = re.findall(r"^([\w.-]+)==", PINS.read_text(), re.MULTILINE)
    pinned = {_plain(p) for p in pins}
    for name in pins:
        for need in requires(name) or ():
            if "extra ==" not in need:
                assert _plain(re.split(r"[\s<>=!~;\[(]", need)[0]) in pinned, f"{name} needs {need}"


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_an_interpreter_is_only_believed_when_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    liar = tmp_path / "python9.9"
    liar.write_text("#!/bin/sh\necho 9.8\n")
    liar.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_interpreter("9.9") is None
    liar.write_text("#!/bin/sh\necho 9.9\n")
    assert find_interpreter("9.9") == str(liar)
