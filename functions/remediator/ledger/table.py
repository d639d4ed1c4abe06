"""The ledger's table on the wire: items in and out, conditions and transactions as errors of their own."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ..aws.client import translated
from ..aws.runtime import Runtime
from ..core.errors import RemediatorError, Retryable
from ..core.serialization import Json

_TELLING = {"ReturnValues": "ALL_NEW", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}


class ConditionFailed(RemediatorError):
    """A conditional write was not made; `item` is what stood there, empty where nothing did."""

    def __init__(self, item: Json) -> None:
        super().__init__("condition not met")
        self.item = item


class Cancelled(RemediatorError):
    """A transaction was not made; `failed` says of each step, in order, whether its condition was not met."""

    def __init__(self, failed: Sequence[bool]) -> None:
        super().__init__("transaction cancelled")
        self.failed = tuple(failed)


class Table:
    """One DynamoDB table with the partition key `pk`."""

    def __init__(self, runtime: Runtime) -> None:
        self._name = runtime.environment.ledger_table
        self._clients = runtime.clients

    def get(self, pk: str) -> Json | None:
        """The item as it is now (strongly consistent), None where there is none."""
        item = self._send("get_item", Key={"pk": {"S": pk}}, ConsistentRead=True).get("Item")
        return from_item(item) if item else None

    def get_all(self, *pks: str) -> Mapping[str, Json]:
        """Those of the items that there are, by key, as they are now; at most 100 keys, in one request.

        Raises:
            Retryable: DynamoDB left some unread.
        """
        asked = {self._name: {"Keys": [{"pk": {"S": pk}} for pk in dict.fromkeys(pks)], "ConsistentRead": True}}
        try:
            answer = self._clients("dynamodb").batch_get_item(RequestItems=asked)
        except ClientError as error:
            raise translated("dynamodb:BatchGetItem", error, writes=False) from error
        except BotoCoreError as error:
            raise Retryable(f"ledger: {type(error).__name__}: {error}") from error
        if answer.get("UnprocessedKeys"):
            raise Retryable("ledger: some items were left unread")
        found = (from_item(item) for item in answer["Responses"].get(self._name, ()))
        return {str(item["pk"]): item for item in found}

    def update(
        self, pk: str, change: str, condition: str = "", names: Mapping[str, str] | None = None, /, **values: Any
    ) -> Json:
        """Updates one item and gives it as it is afterwards; `values` are the expression's, without colons.

        Raises:
            ConditionFailed: with the item as it stands.
        """
        return from_item(
            self._send("update_item", **_update(pk, change, condition, names, values), **_TELLING)["Attributes"]
        )

    def put(self, item: Mapping[str, Any]) -> None:
        """Writes one item whatever stood there."""
        self._send("put_item", Item=to_item(item))

    def delete(self, pk: str, condition: str, /, **values: Any) -> None:
        """Deletes one item under a condition that only an item that is there meets.

        Raises:
            ConditionFailed: with the item as it stands.
            Retryable: the answer does not hold what was deleted, so nobody knows whether it was.
        """
        response = self._send(
            "delete_item",
            Key={"pk": {"S": pk}},
            ConditionExpression=condition,
            ExpressionAttributeValues=_values(values),
            ReturnValues="ALL_OLD",
        )
        if not response.get("Attributes"):
            raise Retryable(f"{pk}: deleting it was answered with nothing")

    def transact(self, *steps: Json) -> None:
        """Makes all steps or none.

        An answer always names the capacity that was taken, since it is asked for: one without was torn on its way.

        Raises:
            Cancelled: a condition was not met; says which.
            Retryable: it is not known whether they were made.
        """
        named = [{verb: {"TableName": self._name, **step} for verb, step in s.items()} for s in steps]
        try:
            response = self._clients("dynamodb").transact_write_items(
                TransactItems=named, ReturnConsumedCapacity="TOTAL"
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == "TransactionCanceledException":
                raise _cancelled(error.response.get("CancellationReasons", ())) from error
            raise translated("dynamodb:TransactWriteItems", error, writes=False) from error
        except BotoCoreError as error:
            raise Retryable(f"ledger: {type(error).__name__}: {error}") from error
        if "ConsumedCapacity" not in response:
            raise Retryable("ledger: a transaction was answered with nothing")

    def beginning_with(self, prefix: str) -> Sequence[Json]:
        """All items whose key begins with `prefix`; reads the whole table, for people only."""
        pages = (
            self._clients("dynamodb")
            .get_paginator("scan")
            .paginate(
                TableName=self._name,
                FilterExpression="begins_with(pk, :prefix)",
                ExpressionAttributeValues=_values({"prefix": prefix}),
            )
        )
        return [from_item(item) for page in pages for item in page["Items"]]

    def scanned(
        self, keep: str, attributes: Sequence[str], pages: int, names: Mapping[str, str] | None = None, /, **values: Any
    ) -> tuple[Sequence[Json], bool]:
        """The items that meet the condition `keep`, with these attributes only, and whether the whole table was read.

        Args:
            keep: a condition; `names` and `values` are its own, without colons.
            attributes: what is kept of each item.
            pages: of a megabyte each, so many at most.
            names: for names of `keep` that are reserved words.
            values: of `keep`.

        Raises:
            Denied, Retryable: the table could not be read.
        """
        listed = {f"#a{n}": name for n, name in enumerate(attributes)}
        asked: Json = {
            "FilterExpression": keep,
            "ProjectionExpression": ", ".join(listed),
            "ExpressionAttributeNames": {**listed, **(names or {})},
            "ExpressionAttributeValues": _values(values),
        }
        found: list[Json] = []
        for _ in range(pages):
            page = self._send("scan", **asked)
            found += (from_item(item) for item in page.get("Items", ()))
            if not page.get("LastEvaluatedKey"):
                return found, True
            asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]
        return found, False

    def _send(self, operation: str, **parameters: Any) -> Mapping[str, Any]:
        method = getattr(self._clients("dynamodb"), operation)
        try:
            answer: Mapping[str, Any] = method(TableName=self._name, **parameters)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                raise ConditionFailed(from_item(error.response.get("Item", {}))) from error
            raise translated(f"dynamodb:{operation}", error, writes=False) from error
        except BotoCoreError as error:
            raise Retryable(f"ledger: {type(error).__name__}: {error}") from error
        return answer


def put_step(
    item: Mapping[str, Any], condition: str = "", names: Mapping[str, str] | None = None, /, **values: Any
) -> Json:
    """A Put for `Table.transact`."""
    return {"Put": {"Item": to_item(item), **_conditions(condition, names, values)}}


def update_step(
    pk: str, change: str, condition: str = "", names: Mapping[str, str] | None = None, /, **values: Any
) -> Json:
    """An Update for `Table.transact`."""
    return {"Update": _update(pk, change, condition, names, values)}


def check_step(pk: str, condition: str, names: Mapping[str, str] | None = None, /, **values: Any) -> Json:
    """A ConditionCheck for `Table.transact`."""
    return {"ConditionCheck": {"Key": {"pk": {"S": pk}}, **_conditions(condition, names, values)}}


def _update(pk: str, change: str, condition: str, names: Mapping[str, str] | None, values: Mapping[str, Any]) -> Json:
    return {"Key": {"pk": {"S": pk}}, "UpdateExpression": change, **_conditions(condition, names, values)}


def _conditions(condition: str, names: Mapping[str, str] | None, values: Mapping[str, Any]) -> Json:
    json: Json = {}
    if condition:
        json["ConditionExpression"] = condition
    if names:
        json["ExpressionAttributeNames"] = dict(names)
    if values:
        json["ExpressionAttributeValues"] = _values(values)
    return json


def _values(values: Mapping[str, Any]) -> Json:
    return {f":{name}": _wire(value) for name, value in values.items()}


def _cancelled(reasons: Sequence[Mapping[str, Any]]) -> RemediatorError:
    codes = [r.get("Code") or "None" for r in reasons]
    if "ConditionalCheckFailed" not in codes:
        return Retryable(f"ledger: transaction cancelled: {codes}")  # a conflict or throttling: nobody refused
    return Cancelled([c == "ConditionalCheckFailed" for c in codes])


@cache
def _serde() -> tuple[Any, Any]:
    from boto3.dynamodb.types import TypeDeserializer, TypeSerializer  # noqa: PLC0415  # pays only where a ledger is used

    return TypeSerializer(), TypeDeserializer()


def _wire(value: Any) -> Any:
    return _serde()[0].serialize(value)


def to_item(values: Mapping[str, Any]) -> Json:
    """Plain values as DynamoDB's typed ones."""
    return {k: _wire(v) for k, v in values.items()}


def from_item(item: Mapping[str, Any]) -> Json:
    """DynamoDB's typed values as plain ones; numbers are ints, as the ledger stores no others, sets are sorted lists."""
    read = {k: _serde()[1].deserialize(v) for k, v in item.items()}
    return {k: _plain(v) for k, v in read.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value)
    return sorted(value) if isinstance(value, set) else value
