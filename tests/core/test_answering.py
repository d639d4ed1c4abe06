import json
from base64 import b64encode

import pytest

from remediator.approvals.request import CHANNEL, USER_ROLE, VIEWER, WORDS, NotAnAnswer, answer_from, who
from remediator.core.settings import settings_from
from remediator.core.text import Text

SAID = {"reference": "incident-12345678", "answer": "approve"}
ARN = "arn:aws:sts::123456789012:assumed-role/Admin/sato@example.com"


def by_url(body=SAID, *, method="POST", iam=True, encoded=False):
    text = body if isinstance(body, str) else json.dumps(body)
    context = {"http": {"method": method}, "authorizer": {"iam": {"userArn": ARN}} if iam else {}}
    told = b64encode(text.encode()).decode() if encoded else text
    return {"version": "2.0", "requestContext": context, "body": told, "isBase64Encoded": encoded}


@pytest.mark.parametrize("encoded", [False, True])
def test_by_the_url_the_caller_is_whom_iam_has_authenticated(encoded):
    told = answer_from(by_url({**SAID, "by": "somebody else"}, encoded=encoded))
    assert (told.reference, told.answer, told.by, told.way) == ("incident-12345678", "approve", ARN, "url")


@pytest.mark.parametrize(
    "event",
    [
        by_url(iam=False),
        by_url(method="GET"),
        by_url("{"),
        by_url("[]"),
        by_url(""),
        {**by_url(), "isBase64Encoded": True, "body": "?"},
        by_url('"' + "x" * 100_000),
    ],
)
def test_what_is_no_answer_by_the_url_is_refused_with_a_word(event):
    with pytest.raises(NotAnAnswer, match=r"."):
        answer_from(event)


def test_who_invokes_directly_names_themselves_in_one_bounded_line():
    told = answer_from({**SAID, "by": "sato\n\x1b[31m" + "x" * 500})
    assert told.way == "invoke"
    assert "\n" not in told.by
    assert len(told.by) <= 200


@pytest.mark.parametrize(("setting", "recorded"), [("channel_role", CHANNEL), ("user_roles_required", USER_ROLE)])
def test_a_chats_button_names_no_person_whatever_it_says(setting, recorded):
    told = answer_from({**SAID, "via": "chat", "by": "the boss"})
    assert who(told, setting) == recorded


def test_a_chat_may_not_answer_unless_it_is_declared():
    assert isinstance(who(answer_from({**SAID, "via": "chat"}), "off"), Text)


def test_a_misspelt_setting_is_never_silently_off():
    with pytest.raises(ValueError, match="chat_approvals: everyone is none of off"):
        settings_from({"chat_approvals": "everyone"})


@pytest.mark.parametrize("word", WORDS)
def test_a_chats_button_says_word_and_reference_in_the_fewest_characters(word):
    told = answer_from({word: "incident-12345678"})
    assert (told.answer, told.reference, told.way, told.by) == (word, "incident-12345678", "chat", "")
    assert isinstance(who(told, "off"), Text)


def test_the_brief_form_takes_nothing_beside_it():
    told = answer_from({"approve": "incident-12345678", "by": "the boss"})
    assert (told.answer, told.way) == ("", "invoke")


def test_on_a_dashboard_nobody_is_named_whatever_the_event_says():
    told = answer_from({**SAID, "by": "the boss", "widgetContext": {"accountId": "123456789012"}})
    assert (told.way, told.answer) == ("dashboard", "approve")
    assert who(told, "off") == VIEWER
