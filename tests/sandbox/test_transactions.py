"""A transaction of the sandbox that fails leaves everything as it was, though only what it names is copied."""

import pytest
from botocore.exceptions import ClientError

from sandbox import names
from sandbox.laptop import Laptop


def item(key, **values):
    return {"pk": {"S": key}, **{n: {"S": v} for n, v in values.items()}}


@pytest.fixture
def dynamodb():
    with Laptop() as laptop, laptop.world.behind_the_scenes():
        client = laptop.world.client("dynamodb")
        for key in ("a", "b", "c"):
            client.put_item(TableName=names.LEDGER_TABLE, Item=item(key, said="before"))
        yield client


def said(client):
    values = {i["pk"]["S"]: i for i in client.scan(TableName=names.LEDGER_TABLE, ConsistentRead=True)["Items"]}
    return {key: values[key].get("said", {}).get("S") for key in ("a", "b", "c", "d") if key in values}


def update(key, value):
    return {
        "Update": {
            "TableName": names.LEDGER_TABLE,
            "Key": {"pk": {"S": key}},
            "UpdateExpression": "SET said = :v",
            "ExpressionAttributeValues": {":v": {"S": value}},
        }
    }


def put(key, condition=""):
    asked = {"TableName": names.LEDGER_TABLE, "Item": item(key, said="new")}
    return {"Put": {**asked, "ConditionExpression": condition} if condition else asked}


def test_what_succeeds_is_written(dynamodb):
    dynamodb.transact_write_items(TransactItems=[update("a", "after"), put("d")])
    assert said(dynamodb) == {"a": "after", "b": "before", "c": "before", "d": "new"}


def test_what_fails_at_its_last_condition_has_written_nothing(dynamodb):
    with pytest.raises(ClientError, match="TransactionCanceledException"):
        dynamodb.transact_write_items(
            TransactItems=[update("a", "after"), put("d"), put("b", "attribute_not_exists(pk)")]
        )
    assert said(dynamodb) == {"a": "before", "b": "before", "c": "before"}
