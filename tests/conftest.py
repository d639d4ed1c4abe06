"""A ledger table on moto and a runtime that points at it; conditions are made atomic as DynamoDB's are."""

from datetime import UTC, datetime

import boto3
import pytest
from moto import mock_aws

from remediator.aws.runtime import Clients, Environment, Runtime
from remediator.core.settings import Settings


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
