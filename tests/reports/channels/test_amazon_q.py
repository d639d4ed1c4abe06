"""The chat notification: exactly the fields that Amazon Q Developer takes, within its limits, with nothing that acts."""

import json
import re
from dataclasses import replace

import pytest

from remediator.core.plan import Call
from remediator.reports.channels.amazon_q import DESCRIPTION_CHARS, chat_message
from remediator.reports.channels.mrkdwn import code, plain
from remediator.reports.compose import compose
from tests.reports.cases import CHANGE, OOM_FIXED, RAISE, SECRET, SERVICE, SETTINGS
from tests.reports.reports import REPORTS

BOTH = pytest.mark.parametrize("language", ["en", "ja"])
EACH = pytest.mark.parametrize("name", REPORTS)


def _texts(value):
    if isinstance(value, dict):
        return [t for v in value.values() for t in _texts(v)]
    if isinstance(value, list):
        return [t for v in value for t in _texts(v)]
    return [value] if isinstance(value, str) else []


@BOTH
@EACH
def test_the_notification_reads_as_it_did_when_it_was_last_looked_at(name, language, snapshot):
    assert json.dumps(chat_message(REPORTS[name], language), ensure_ascii=False, indent=1) == snapshot


@BOTH
@EACH
def test_it_has_the_documented_fields_and_no_other(name, language):
    message = chat_message(REPORTS[name], language)

    assert set(message) == {"version", "source", "id", "content", "metadata"}
    assert (message["version"], message["source"]) == ("1.0", "custom")
    assert set(message["content"]) == {"textType", "title", "description", "nextSteps", "keywords"}
    assert message["content"]["textType"] == "client-markdown"
    assert set(message["metadata"]) == {
        "threadId", "summary", "eventType", "relatedResources", "additionalContext", "enableCustomActions",
    }  # fmt: skip
    assert message["metadata"]["threadId"] == REPORTS[name].incident


@EACH
def test_buttons_carry_nothing_but_the_incident_and_the_open_question(name):
    context = chat_message(REPORTS[name], "en")["metadata"]["additionalContext"]

    assert set(context) - {"reference"} == {"ActionGroup", "incidentId"}
    assert ("reference" in context) == (name in ("approval_open", "escalated_question"))
    assert all(re.fullmatch(r"[a-z0-9-]{1,64}", value) for value in context.values())


@BOTH
@EACH
def test_the_description_keeps_to_its_limit_and_the_undo_is_never_cut(name, language):
    report = REPORTS[name]
    description = chat_message(report, language)["content"]["description"]

    assert len(description) < DESCRIPTION_CHARS + 1 < 3000
    if report.undo:
        assert report.undo in description
        assert f"remediator undo {report.incident}" in description


def test_an_undo_too_long_for_chat_gives_way_to_the_short_command():
    policy = json.dumps({"Statement": ["x" * 5000]})
    undo = (Call(action="s3:PutBucketPolicy", parameters={"Bucket": "b", "Policy": policy}, arn=SERVICE.arn),)
    case = replace(OOM_FIXED, change=replace(CHANGE, plan=replace(RAISE, undo=undo)))

    message = chat_message(compose(case, SETTINGS), "en")["content"]["description"]

    assert len(message) < 3000
    assert "put-bucket-policy" not in message
    assert "remediator undo 3f9a1c2b7d40" in message


def test_the_least_important_goes_first_where_room_is_short():
    noisy = replace(OOM_FIXED, gaps={f"reading_{n}": "Retryable: " + "slow " * 50 for n in range(8)})

    description = chat_message(compose(noisy, SETTINGS), "en")["content"]["description"]

    assert "*Ruled out*" not in description
    assert "*Cost*" not in description
    assert all(f"*{part}*" in description for part in ("BROKE", "DONE", "PROOF", "UNDO"))


@BOTH
def test_hostile_text_mentions_nobody_links_nowhere_and_formats_nothing(language):
    texts = _texts(chat_message(REPORTS["hostile"], language))

    for text in texts:
        outside_code = re.sub(r"```[^`]*```|`[^`]*`", "", text)
        assert "<" not in text
        assert not re.search(r"@(?:here|channel|everyone)", outside_code)
        assert "://" not in outside_code
        assert "](" not in outside_code
        assert "*bold*" not in outside_code
        assert "~no~" not in outside_code
        assert SECRET not in text
        assert "\x1b" not in text


@BOTH
@EACH
def test_code_spans_are_closed_so_that_nothing_escapes_from_them(name, language):
    description = chat_message(REPORTS[name], language)["content"]["description"]

    assert description.count("```") % 2 == 0
    assert all(line.replace("```", "").count("`") % 2 == 0 for line in description.splitlines())


def test_plain_words_stay_readable_when_escaped():
    assert plain("auto-remediation=approve in ecs_task_restarting") == "auto-remediation=approve in ecs_task_restarting"
    assert code("a `b` <c>") == "`a 'b' &lt;c&gt;`"
    assert code(" ") == "-"
