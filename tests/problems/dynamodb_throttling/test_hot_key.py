from dataclasses import replace

import pytest

from remediator.core.plan import Advise
from remediator.resources.dynamodb.model import Insights

from ..ecs_task_restarting.samples import gap
from .samples import INDEX, TABLE_ARN, evidence, flow
from .setting import HOT, decision_on


def test_a_hot_key_asks_to_watch_throttled_keys_and_never_raises_capacity():
    plan = decision_on(HOT)
    assert (plan.fix, plan.response) == ("watch_throttled_keys", "ask")
    assert plan.calls[0].parameters == {
        "TableName": "portfolio-users",
        "ContributorInsightsAction": "ENABLE",
        "ContributorInsightsMode": "THROTTLED_KEYS",
    }
    assert plan.undo[0].parameters["ContributorInsightsAction"] == "DISABLE"


def test_where_keys_are_watched_already_the_command_that_shows_them_is_told():
    rules = tuple(f"DynamoDBContributorInsights-{kind}-portfolio-users-1" for kind in ("PKC", "PKT", "SKT"))
    found = decision_on(replace(HOT, insights=evidence(insights=(Insights(status="ENABLED", rules=rules),)).insights))
    assert isinstance(found, Advise)
    assert len(found.commands) == 2
    assert "PKT" in found.commands[0]


@pytest.mark.parametrize("status", [gap(), ()])
def test_insights_of_unknown_state_are_not_touched(status):
    assert isinstance(decision_on(evidence(flow(key_range=60), insights=status)), Advise)


def test_a_hot_key_of_an_index_is_watched_on_the_index():
    plan = decision_on(evidence(flow(index=INDEX, key_range=60), insights=(Insights(), Insights(index=INDEX))))
    assert plan.calls[0].parameters["IndexName"] == INDEX
    assert plan.calls[0].also[0].arn == f"{TABLE_ARN}/index/{INDEX}"
