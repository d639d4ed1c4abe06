"""DynamoDB's transactions in the sandbox: moto copies the whole table for each write in one, here the items that are named.

What moto does otherwise stays its own: conditions, errors, and that a transaction that fails leaves everything as it was.
"""

import copy
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table


@contextmanager
def cheap_transactions() -> Iterator[None]:
    """While this is open, a transaction costs what it names and not what the table holds."""
    backend: Any = DynamoDBBackend
    tables: Any = Table
    whole = backend.transact_write_items

    def transact(self: Any, transact_items: Sequence[Mapping[str, Any]]) -> None:
        named = _keys(self, transact_items)
        tables.__deepcopy__ = lambda table, memo: _copied(table, named, memo)
        try:
            whole(self, transact_items)
        finally:
            del tables.__deepcopy__

    backend.transact_write_items = transact
    try:
        yield
    finally:
        backend.transact_write_items = whole


def _keys(backend: Any, transact_items: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """The hash keys of all items that the transaction names."""
    found: set[str] = set()
    for item in transact_items:
        for asked in item.values():
            table = backend.tables.get(asked.get("TableName"))
            stored = asked.get("Key") or asked.get("Item") or {}
            if table and table.hash_key_attr in stored:
                found.update(map(str, stored[table.hash_key_attr].values()))
    return frozenset(found)


def _copied(table: Any, named: frozenset[str], memo: dict[int, Any]) -> Any:
    made = copy.copy(table)
    made.items = copy.copy(table.items)
    for key, stored in table.items.items():
        if str(key.value) in named:
            made.items[key] = copy.deepcopy(stored, memo)
    return made
