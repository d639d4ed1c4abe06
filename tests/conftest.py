"""What the tests of several folders need, and what is done once for all of them."""

import gc
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest
from botocore import session
from botocore.loaders import Loader
from moto import mock_aws

from remediator.aws.runtime import Clients, Environment, Runtime
from remediator.core.settings import Settings
from tests.made_once import made_once

HERE = Path(__file__).parent
FOLDERS = {HERE / "prove": "proof", HERE / "browser": "browser"}  # each of their tests has this mark
ON_A_WORLD = frozenset(
    ("laptop", "played", "counted", "story", "deployment", "ended", "world", "queue", "planned", "stormy")
)


def pytest_collection_modifyitems(items):
    for item in items:
        folder = next((mark for folder, mark in FOLDERS.items() if folder in item.path.parents), None)
        if folder:
            item.add_marker(folder)
        if ON_A_WORLD & set(item.fixturenames):
            item.add_marker("story")


def pytest_collection_finish():
    """What is loaded by now stays: the collector need not walk through it again and again, nor look so often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(scope="session", autouse=True)
def _models_read_once():
    """botocore reads AWS's models from disk for each session, and most tests of what calls AWS open some."""
    made, shared = session.create_loader, Loader()

    def create_loader(search_path=None):
        if search_path:
            return made(search_path)
        shared.search_paths[:] = dict.fromkeys(shared.search_paths)  # each session of boto3 adds boto3's own
        return shared

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(session, "create_loader", create_loader)
        yield


@pytest.fixture(scope="session")
def played(tmp_path_factory):
    """Gives how the scenario of a name went; each is played once in a run, by whichever process asks first."""
    from tests.ops.played import play

    def of(story):
        return made_once(tmp_path_factory, f"played-{story}", lambda: play(story))

    return of


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """The stack as it is deployed, all runbooks and `cdk.json` as it stands: synthesised once in a run."""
    from infra.declared import cdk_context, declared_from
    from infra.golden import synthesised
    from remediator.problems import load_all

    return made_once(tmp_path_factory, "template", lambda: synthesised(load_all(), declared_from(cdk_context().get)))


@pytest.fixture
def aws(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-1")
    with mock_aws():
        boto3.client("dynamodb").create_table(
            TableName="ledger",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        yield


@pytest.fixture
def runtime(aws):
    return Runtime(
        settings=Settings(),
        environment=Environment(ledger_table="ledger"),
        clients=Clients(),
        now=lambda: datetime(2026, 11, 23, 3, 0, tzinfo=UTC),
    )
