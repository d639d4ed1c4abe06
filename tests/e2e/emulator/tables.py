"""DynamoDB's tables as AWS changes them: it takes a while, only one change at a time, and not as often as one likes."""

import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any

from ministack.core.responses import error_response_json, json_response
from ministack.services import dynamodb

from . import agenda
from .patches import patch, silent

DYNAMODB = "ministack.services.dynamodb"
CAPACITY_S, BILLING_S, INSIGHTS_S = 30.0, 120.0, 60.0
DAY_S, HOUR_S = 86400.0, 3600.0
FREE_DECREASES = 4  # a UTC day; another one for each hour without
SWITCHES_TO_ON_DEMAND = 4  # in 24 hours
CHANGED_SLOWLY = ("ProvisionedThroughput", "BillingMode", "GlobalSecondaryIndexUpdates", "OnDemandThroughput")
KEPT = ("ProvisionedThroughput", "BillingModeSummary", "GlobalSecondaryIndexes", "OnDemandThroughput")
ON_DEMAND = "PAY_PER_REQUEST"
BOTH = ("ReadCapacityUnits", "WriteCapacityUnits")

_decreases: dict[str, list[float]] = {}
_switches: dict[str, list[float]] = {}


@patch(
    of=f"{DYNAMODB}._update_table",
    lacks="changes capacity and billing at once, as often as asked, without dates",
    still=silent(f"{DYNAMODB}._update_table", "LastIncreaseDateTime"),
)
def change_in_a_while(original: Any) -> Any:
    """The old capacity serves until the table is ACTIVE again; meanwhile any other change is ResourceInUseException."""

    def update(data: dict[str, Any]) -> Any:
        with agenda.LOCK:
            agenda.catch_up()
            table = dynamodb._tables.get(dynamodb._normalize_table_name(data.get("TableName")))
            if table is None or not any(data.get(k) for k in CHANGED_SLOWLY):
                return original(data)
            refused = _refused(table, data)
            return refused or _change(original, table, data)

    return update


def _refused(table: Mapping[str, Any], data: Mapping[str, Any]) -> Any:
    name = table["TableName"]
    if table["TableStatus"] != "ACTIVE":
        said = f"Attempt to change a resource which is still in use: Table is being updated: {name}"
        return error_response_json("ResourceInUseException", said, 400)
    now = agenda.now()
    recent = [at for at in _switches.get(name, ()) if at > now - DAY_S]
    if data.get("BillingMode") == ON_DEMAND and len(recent) >= SWITCHES_TO_ON_DEMAND:
        said = "Subscriber limit exceeded: Update to PayPerRequest mode are limited to 4 times in 24 hours."
        return error_response_json("LimitExceededException", said, 400)
    lowered = [part for part, asked in _asked(table, data) if _lower(part["ProvisionedThroughput"], asked)]
    if any(not _may_lower(_key(table, part), now) for part in lowered):
        said = "Subscriber limit exceeded: Provisioned throughput decreases are limited within a given UTC day."
        return error_response_json("LimitExceededException", said, 400)
    return None


def _asked(table: Mapping[str, Any], data: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, int]]]:
    """The table or index, and the throughput that is asked for it."""
    if data.get("ProvisionedThroughput"):
        yield table, data["ProvisionedThroughput"]
    for update in data.get("GlobalSecondaryIndexUpdates") or ():
        found = update.get("Update") or {}
        for index in table.get("GlobalSecondaryIndexes") or ():
            if found.get("ProvisionedThroughput") and index["IndexName"] == found.get("IndexName"):
                yield index, found["ProvisionedThroughput"]


def _lower(now: Mapping[str, int], asked: Mapping[str, int]) -> bool:
    return any(int(asked[unit]) < int(now.get(unit) or 0) for unit in BOTH)


def _may_lower(key: str, now: float) -> bool:
    today = _today(key, now)
    return len(today) < FREE_DECREASES or now - max(today) >= HOUR_S


def _today(key: str, now: float) -> list[float]:
    return [at for at in _decreases.get(key, ()) if at // DAY_S == now // DAY_S]


def _key(table: Mapping[str, Any], part: Mapping[str, Any]) -> str:
    return f"{table['TableName']}/{part.get('IndexName', '')}"


def _change(original: Any, table: dict[str, Any], data: dict[str, Any]) -> Any:
    before = {k: copy.deepcopy(table[k]) for k in KEPT if k in table}
    answer = original(data)
    if answer[0] != 200:
        return answer
    _keep_index_maxima(table, data)
    after = {k: table[k] for k in KEPT if k in table}
    for key in KEPT:
        table.pop(key, None)
    table.update(before, TableStatus="UPDATING")
    changed = {u["Update"]["IndexName"] for u in data.get("GlobalSecondaryIndexUpdates") or () if "Update" in u}
    for index in table.get("GlobalSecondaryIndexes") or ():
        if index["IndexName"] in changed:
            index["IndexStatus"] = "UPDATING"
    if data.get("BillingMode") == ON_DEMAND:
        _switches.setdefault(table["TableName"], []).append(agenda.now())
    agenda.after(BILLING_S if data.get("BillingMode") else CAPACITY_S, lambda: _done(table, after))
    return json_response({"TableDescription": dynamodb._table_description(table["TableName"])})


def _keep_index_maxima(table: Mapping[str, Any], data: Mapping[str, Any]) -> None:
    """ministack drops the on-demand maxima of indexes, and leaves their capacity as it was on demand."""
    for update in data.get("GlobalSecondaryIndexUpdates") or ():
        found = update.get("Update") or {}
        for index in table["GlobalSecondaryIndexes"]:
            if index["IndexName"] == found.get("IndexName") and found.get("OnDemandThroughput"):
                index["OnDemandThroughput"] = found["OnDemandThroughput"]
    if data.get("BillingMode") == ON_DEMAND:
        for index in table.get("GlobalSecondaryIndexes") or ():
            index["ProvisionedThroughput"] = dict.fromkeys(BOTH, 0)


def _done(table: dict[str, Any], after: dict[str, Any]) -> None:
    indexes = {i["IndexName"]: i for i in table.get("GlobalSecondaryIndexes") or ()}
    _date(table, table["ProvisionedThroughput"], after["ProvisionedThroughput"], "")
    for index in after.get("GlobalSecondaryIndexes") or ():
        index["IndexStatus"] = "ACTIVE"
        if index["IndexName"] in indexes:
            was = indexes[index["IndexName"]]["ProvisionedThroughput"]
            _date(table, was, index["ProvisionedThroughput"], index["IndexName"])
    billing = after.get("BillingModeSummary") or {}
    if billing.get("BillingMode") != (table.get("BillingModeSummary") or {}).get("BillingMode"):
        billing.pop("LastUpdateToPayPerRequestDateTime", None)
        if billing.get("BillingMode") == ON_DEMAND:
            billing["LastUpdateToPayPerRequestDateTime"] = agenda.now()
    for key in KEPT:
        table.pop(key, None)
    table.update(after, TableStatus="ACTIVE")


def _date(table: Mapping[str, Any], was: Mapping[str, Any], now: dict[str, Any], index: str) -> None:
    """Dates and the day's count of decreases of one throughput."""
    key = f"{table['TableName']}/{index}"
    now.update({k: v for k, v in was.items() if k not in BOTH and k not in now})
    if _lower(was, now) and any(now[unit] for unit in BOTH):
        _decreases.setdefault(key, []).append(agenda.now())
        now["LastDecreaseDateTime"] = agenda.now()
    if _lower(now, was):
        now["LastIncreaseDateTime"] = agenda.now()
    now["NumberOfDecreasesToday"] = len(_today(key, agenda.now()))


@patch(
    of=f"{DYNAMODB}._describe_table",
    lacks="tells no state of an index that a template made, and knows of no time that goes by between two calls",
    still=silent(f"{DYNAMODB}._table_description", "IndexStatus"),
)
def look_at_the_moment(original: Any) -> Any:
    """A change that is due is done before the table is described, and each index says how it is."""

    def describe(data: dict[str, Any]) -> Any:
        with agenda.LOCK:
            agenda.catch_up()
            table = dynamodb._tables.get(dynamodb._normalize_table_name(data.get("TableName")))
            for index in (table or {}).get("GlobalSecondaryIndexes") or ():
                values = {"IndexStatus": "ACTIVE", "IndexSizeBytes": 0, "ItemCount": 0}
                arn = f"{table['TableArn']}/index/{index['IndexName']}"
                index.update({**values, "IndexArn": arn, **index})
            return original(data)

    return describe


# -- Contributor Insights ------------------------------------------------------------------------------------------------

THROTTLED_KEYS = "THROTTLED_KEYS"
ALL_KEYS = "ACCESSED_AND_THROTTLED_KEYS"
KINDS_OF_RULES = {THROTTLED_KEYS: ("PKT",), ALL_KEYS: ("PKC", "PKT")}


@patch(
    of=f"{DYNAMODB}._update_contributor_insights",
    lacks="ignores the mode of Contributor Insights and makes no rules",
    still=silent(f"{DYNAMODB}._update_contributor_insights", "ContributorInsightsMode"),
)
def remember_the_mode(original: Any) -> Any:
    """Turned on within a minute, with the rules of its mode."""

    def update(data: dict[str, Any]) -> Any:
        with agenda.LOCK:
            agenda.catch_up()
            answer = original(data)
            if answer[0] != 200:
                return answer
            name = dynamodb._normalize_table_name(data["TableName"])
            entry = dynamodb._contributor_insights[dynamodb._ci_key(name, data.get("IndexName"))]
            mode = data.get("ContributorInsightsMode", ALL_KEYS)
            entry.update(
                LastUpdateDateTime=agenda.now(),
                _mode=mode,
                _ready_at=agenda.now() + INSIGHTS_S,
                _table=name,
                _index=data.get("IndexName"),
            )
            parsed = json.loads(answer[2])
            return json_response({**parsed, "ContributorInsightsMode": mode})

    return update


@patch(
    of=f"{DYNAMODB}._describe_contributor_insights",
    lacks="turns Contributor Insights on as soon as it is looked at",
    still=silent(f"{DYNAMODB}._describe_contributor_insights", "ContributorInsightsMode"),
)
def turn_on_in_a_while(original: Any) -> Any:
    """ENABLING for a minute, then ENABLED with its mode and rules."""

    def describe(data: dict[str, Any]) -> Any:
        name = dynamodb._normalize_table_name(data.get("TableName") or "")
        entry = dynamodb._contributor_insights.get(dynamodb._ci_key(name, data.get("IndexName")))
        if entry is None or "_mode" not in entry:
            return original(data)
        values = {"TableName": name, "LastUpdateDateTime": entry["LastUpdateDateTime"]}
        if data.get("IndexName"):
            values["IndexName"] = data["IndexName"]
        return json_response({**values, **_insights(entry)})

    return describe


def _insights(entry: Mapping[str, Any]) -> dict[str, Any]:
    status, over = entry["ContributorInsightsStatus"], agenda.now() >= entry["_ready_at"]
    ends = {"ENABLING": "ENABLED", "DISABLING": "DISABLED"}
    found = ends.get(status, status) if over else status
    if found in ("DISABLED", "DISABLING"):
        return {"ContributorInsightsStatus": found, "ContributorInsightsRuleList": []}
    place = "-".join(filter(None, (entry["_table"], entry["_index"], str(int(entry["_ready_at"] * 1000)))))
    rules = [f"DynamoDBContributorInsights-{kind}-{place}" for kind in KINDS_OF_RULES[entry["_mode"]]]
    return {
        "ContributorInsightsStatus": found,
        "ContributorInsightsRuleList": rules,
        "ContributorInsightsMode": entry["_mode"],
    }
