"""DynamoDB's operations on the portfolio's table itself. Items, and the ledger's table, are moto's."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from .. import names
from ..wire import AwsError, Fake, Parameters
from .demand import ACCOUNT_QUOTA, TABLE_QUOTA, Units
from .table_life import NEW_INDEX
from .user_table import INDEX, Capacity, UserTable

ARN = f"arn:aws:dynamodb:{names.REGION}:{names.ACCOUNT}:table/{names.TABLE}"
SWITCHES_AT_MOST = 4  # AWS: to on-demand, in a rolling day
DECREASES_AT_MOST = 27  # AWS: of a table or index, in a day (UTC)
TURNING_ON = timedelta(seconds=60)
ON_DEMAND = "PAY_PER_REQUEST"
Answer = dict[str, Any]


class DynamoDbApi:
    """Operations by name, each a function from parameters to an answer."""

    def __init__(self, table: UserTable, now: Callable[[], datetime]) -> None:
        self._table = table
        self._now = now

    def fakes(self) -> Mapping[str, Fake]:
        """What moto does not model, or not as DynamoDB does."""
        return {
            "DescribeTable": self.describe_table,
            "DeleteTable": self.delete_table,
            "UpdateTable": self.update_table,
            "DescribeLimits": self.describe_limits,
            "DescribeContributorInsights": self.describe_insights,
            "UpdateContributorInsights": self.update_insights,
            "ListTagsOfResource": self.list_tags,
        }

    def describe_table(self, asked: Parameters) -> Answer:
        """The table with its index."""
        self._known(asked["TableName"])
        return {"Table": self._described()}

    def delete_table(self, asked: Parameters) -> Answer:
        """Begins the deletion; refuses what DynamoDB refuses."""
        self._known(asked["TableName"])
        self._table.life.delete(updating=self._table.busy(self._now()))
        return {"TableDescription": self._described()}

    def list_tags(self, asked: Parameters) -> Answer:
        """The table's tags."""
        self._known(asked["ResourceArn"])
        return {"Tags": [{"Key": k, "Value": v} for k, v in self._table.tags.items()]}

    def describe_limits(self, _: Parameters) -> Answer:
        """AWS's default quotas."""
        return {
            "AccountMaxReadCapacityUnits": ACCOUNT_QUOTA["read"],
            "AccountMaxWriteCapacityUnits": ACCOUNT_QUOTA["write"],
            "TableMaxReadCapacityUnits": TABLE_QUOTA["read"],
            "TableMaxWriteCapacityUnits": TABLE_QUOTA["write"],
        }

    def describe_insights(self, asked: Parameters) -> Answer:
        """Whether Contributor Insights is on; its rules once it is."""
        part = self._part(asked)
        found = self._insights(part)
        if found["ContributorInsightsStatus"] == "ENABLED":
            kinds = (
                ("PKT", "SKT") if found["ContributorInsightsMode"] == "THROTTLED_KEYS" else ("PKC", "PKT", "SKC", "SKT")
            )
            found["ContributorInsightsRuleList"] = [
                f"DynamoDBContributorInsights-{k}-{names.TABLE}-1700000000" for k in kinds
            ]
        return found

    def update_insights(self, asked: Parameters) -> Answer:
        """Turns it on or off."""
        part = self._part(asked)
        if asked["ContributorInsightsAction"] == "DISABLE":
            self._table.insights.pop(part, None)
        else:
            mode = asked.get("ContributorInsightsMode", "ACCESSED_AND_THROTTLED_KEYS")
            self._table.insights[part] = (mode, self._now())
        return self._insights(part)

    def update_table(self, asked: Parameters) -> Answer:
        """Begins an update; refuses what DynamoDB refuses."""
        self._known(asked["TableName"])
        table, now = self._table, self._now()
        if table.busy(now):
            raise AwsError(
                "ResourceInUseException",
                f"Attempt to change a resource which is still in use: Table is being updated: {names.TABLE}",
            )
        before = table.set_now
        to = _wanted(before, asked)
        if to == before:
            raise AwsError("ValidationException", "The provisioned throughput for the table will not change.")
        self._refuse_too_many(before, to, now)
        table.update(to, now)
        return {"TableDescription": self._described()}

    def _refuse_too_many(self, before: Capacity, to: Capacity, now: datetime) -> None:
        day_ago = now - timedelta(days=1)
        switched = sum(at > day_ago for at in self._table.switches)
        if to.on_demand and not before.on_demand and switched >= SWITCHES_AT_MOST:
            raise AwsError(
                "LimitExceededException",
                "Subscriber limit exceeded: Update to PayPerRequest mode are limited to 4 times in 24 hours",
            )
        for part, units in to.parts.items():
            lower = units.read < before.parts[part].read or units.write < before.parts[part].write
            if lower and self._table.past[part].decreases_on(now.date()) >= DECREASES_AT_MOST:
                raise AwsError(
                    "LimitExceededException",
                    "Subscriber limit exceeded: Provisioned throughput decreases are limited within a given UTC day.",
                )

    def _described(self) -> Answer:
        table, now = self._table, self._now()
        capacity = table.set_now
        answer: Answer = {
            "AttributeDefinitions": [{"AttributeName": n, "AttributeType": "S"} for n in ("email", "id")],
            "TableName": names.TABLE,
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "TableStatus": table.life.status(updating=table.busy(now)),
            "CreationDateTime": table.created_at,
            "TableSizeBytes": 52_428_800,
            "ItemCount": 120_000,
            "TableArn": ARN,
            "TableId": names.uuid("table", names.TABLE),
            **self._throughput("", capacity),
            "GlobalSecondaryIndexes": [self._index(capacity), *self._new_index()],
            "DeletionProtectionEnabled": table.life.protected,
        }
        if table.life.replicas:
            answer["Replicas"] = [{"RegionName": r, "ReplicaStatus": s} for r, s in table.life.replicas.items()]
        if table.life.restore:
            answer["RestoreSummary"] = {
                "RestoreDateTime": table.life.restore.since,
                "RestoreInProgress": table.life.restoring,
            }
        if capacity.on_demand or table.switches:
            answer["BillingModeSummary"] = {
                "BillingMode": ON_DEMAND if capacity.on_demand else "PROVISIONED",
                "LastUpdateToPayPerRequestDateTime": table.switches[-1] if table.switches else table.created_at,
            }
        return answer

    def _index(self, capacity: Capacity) -> Answer:
        table = self._table
        busy = table.busy(self._now()) and INDEX in table.busy_parts
        return {
            "IndexName": INDEX,
            "KeySchema": [{"AttributeName": "email", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
            "IndexStatus": "UPDATING" if busy else "ACTIVE",
            **self._throughput(INDEX, capacity),
            "IndexSizeBytes": 52_428_800,
            "ItemCount": 120_000,
            "IndexArn": f"{ARN}/index/{INDEX}",
        }

    def _new_index(self) -> list[Answer]:
        life = self._table.life
        if life.index is None:
            return []
        units = {"NumberOfDecreasesToday": 0, "ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
        answer: Answer = {
            "IndexName": NEW_INDEX,
            "KeySchema": [{"AttributeName": "city", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
            "IndexStatus": "CREATING" if life.building else "ACTIVE",
            "ProvisionedThroughput": units,
            "IndexArn": f"{ARN}/index/{NEW_INDEX}",
        }
        return [{**answer, "Backfilling": life.backfilling} if life.building else answer]

    def _throughput(self, part: str, capacity: Capacity) -> Answer:
        units, past = capacity.parts[part], self._table.past[part]
        provisioned: Answer = {
            "NumberOfDecreasesToday": past.decreases_on(self._now().date()),
            "ReadCapacityUnits": 0 if capacity.on_demand else units.read,
            "WriteCapacityUnits": 0 if capacity.on_demand else units.write,
        }
        moments = {"LastIncreaseDateTime": past.increased_at, "LastDecreaseDateTime": past.decreased_at}
        provisioned |= {k: at for k, at in moments.items() if at and at <= self._now()}
        answer: Answer = {"ProvisionedThroughput": provisioned}
        if units.max_read is not None or units.max_write is not None:
            answer["OnDemandThroughput"] = {
                "MaxReadRequestUnits": -1 if units.max_read is None else units.max_read,
                "MaxWriteRequestUnits": -1 if units.max_write is None else units.max_write,
            }
        return answer

    def _insights(self, part: str) -> Answer:
        answer: Answer = {"TableName": names.TABLE, **({"IndexName": part} if part else {})}
        if part not in self._table.insights:
            return {**answer, "ContributorInsightsStatus": "DISABLED"}
        mode, since = self._table.insights[part]
        status = "ENABLED" if self._now() >= since + TURNING_ON else "ENABLING"
        return {**answer, "ContributorInsightsStatus": status, "ContributorInsightsMode": mode}

    def _part(self, asked: Parameters) -> str:
        self._known(asked["TableName"])
        part = str(asked.get("IndexName", ""))
        if part not in self._table.demand:
            raise AwsError("ResourceNotFoundException", f"Requested resource not found: Index: {part} not found")
        return part

    def _known(self, named: str) -> None:
        if self._table.life.gone or named not in (names.TABLE, ARN):
            name = named.rsplit("/", 1)[-1]
            raise AwsError("ResourceNotFoundException", f"Requested resource not found: Table: {name} not found")


def _wanted(before: Capacity, asked: Parameters) -> Capacity:
    """What the table shall be; maxima of -1 are none."""
    parts = {"": _units(before.parts[""], asked)}
    updates = {u["Update"]["IndexName"]: u["Update"] for u in asked.get("GlobalSecondaryIndexUpdates", ())}
    if unknown := set(updates) - set(before.parts):
        raise AwsError("ResourceNotFoundException", f"Requested resource not found: Index: {min(unknown)} not found")
    parts[INDEX] = _units(before.parts[INDEX], updates.get(INDEX, {}))
    on_demand = {ON_DEMAND: True, "PROVISIONED": False}.get(asked.get("BillingMode", ""), before.on_demand)
    named = "ProvisionedThroughput" in asked or any("ProvisionedThroughput" in u for u in updates.values())
    if on_demand and named:
        words = "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST"
        raise AwsError("ValidationException", f"One or more parameter values were invalid: {words}")
    return Capacity(on_demand=on_demand, parts=parts)


def _units(before: Units, asked: Parameters) -> Units:
    provisioned, most = asked.get("ProvisionedThroughput", {}), asked.get("OnDemandThroughput", {})
    changed = replace(
        before,
        read=provisioned.get("ReadCapacityUnits", before.read),
        write=provisioned.get("WriteCapacityUnits", before.write),
    )
    return replace(
        changed,
        max_read=_maximum(most.get("MaxReadRequestUnits", before.max_read)),
        max_write=_maximum(most.get("MaxWriteRequestUnits", before.max_write)),
    )


def _maximum(count: int | None) -> int | None:
    return count if count is not None and count > 0 else None
