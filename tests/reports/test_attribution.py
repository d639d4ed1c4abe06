"""What the report says of a change that stands although it was not needed."""

from dataclasses import replace

import pytest

from remediator.core.model import Verdict
from remediator.reports.channels.email import RULE, email_text
from remediator.reports.compose import compose
from tests.reports.cases import OOM_FIXED, RECOVERED, SETTINGS

NOT_NEEDED = {"en": "stands although it was not needed", "ja": "復旧には不要でした"}


def _top(case, language):
    return " ".join(email_text(compose(case, SETTINGS), language).split(RULE)[0].split())


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_change_that_was_not_needed_is_named_with_its_undo(language):
    top = _top(replace(OOM_FIXED, verdict=Verdict.RECOVERED_WITHOUT_US), language)
    assert NOT_NEEDED[language].replace(" ", "") in top.replace(" ", "")
    assert f"remediator undo {OOM_FIXED.incident.id}" in top


def test_it_is_not_said_that_nothing_was_changed():
    top = _top(replace(OOM_FIXED, verdict=Verdict.RECOVERED_WITHOUT_US), "en")
    assert "Healthy again before the change took effect" in top
    assert "without a change" not in top


def test_where_nothing_was_changed_nothing_stands():
    assert NOT_NEEDED["en"] not in _top(RECOVERED, "en")
