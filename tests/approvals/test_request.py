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
    found = b64encode(text.encode()).decode() if encoded else text
    return {"version": "2.0", "requestContext": context, "body": found, "isBase64Encoded": encoded}


@pytest.mark.parametrize("encoded", [False, True])
def test_by_the_url_the_caller_is_whom_iam_has_authenticated(encoded):
    approval_answer = answer_from(by_url({**SAID, "by": "somebody else"}, encoded=encoded))
    assert (approval_answer.reference, approval_answer.answer, approval_answer.by, approval_answer.way) == (
        "incident-12345678",
        "approve",
        ARN,
        "url",
    )


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
    approval_answer = answer_from({**SAID, "by": "sato\n\x1b[31m" + "x" * 500})
    assert approval_answer.way == "invoke"
    assert "\n" not in approval_answer.by
    assert len(approval_answer.by) <= 200


@pytest.mark.parametrize(("setting", "recorded"), [("channel_role", CHANNEL), ("user_roles_required", USER_ROLE)])
def test_a_chats_button_names_no_person_whatever_it_says(setting, recorded):
    approval_answer = answer_from({**SAID, "via": "chat", "by": "the boss"})
    assert who(approval_answer, setting) == recorded


def test_a_chat_may_not_answer_unless_it_is_declared():
    assert isinstance(who(answer_from({**SAID, "via": "chat"}), "off"), Text)


def test_a_misspelt_setting_is_never_silently_off():
    with pytest.raises(ValueError, match="chat_approvals: everyone is none of off"):
        settings_from({"chat_approvals": "everyone"})


@pytest.mark.parametrize("word", WORDS)
def test_a_chats_button_says_word_and_reference_in_the_fewest_characters(word):
    approval_answer = answer_from({word: "incident-12345678"})
    assert (approval_answer.answer, approval_answer.reference, approval_answer.way, approval_answer.by) == (
        word,
        "incident-12345678",
        "chat",
        "",
    )
    assert isinstance(who(approval_answer, "off"), Text)


def test_the_brief_form_takes_nothing_beside_it():
    approval_answer = answer_from({"approve": "incident-12345678", "by": "the boss"})
    assert (approval_answer.answer, approval_answer.way) == ("", "invoke")


def test_on_a_dashboard_nobody_is_named_whatever_the_event_says():
    approval_answer = answer_from({**SAID, "by": "the boss", "widgetContext": {"accountId": "123456789012"}})
    assert (approval_answer.way, approval_answer.answer) == ("dashboard", "approve")
    assert who(approval_answer, "off") == VIEWER
