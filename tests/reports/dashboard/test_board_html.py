"""The board as HTML: what people can do from it, in their language and colours, and nothing that outside text can add to it."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from remediator.core.text import Text, same
from remediator.reports.dashboard.board import Board, ClockTally, Spread
from remediator.reports.dashboard.incident_row import IncidentRow, Question
from remediator.reports.dashboard.viewer import Viewer, viewer_of
from remediator.reports.dashboard.widget_html import DARK, LIGHT, PAGES, board_html, outcome_html

HERE = "arn:aws:lambda:ap-northeast-1:123456789012:function:remediator-widget"
DESK = "arn:aws:lambda:ap-northeast-1:123456789012:function:remediator-approve"
AT = "2026-11-23T12:00:00.000Z"
EN, JA = Viewer(), Viewer(language="ja", dark=True, offset="+09:00")
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)> \u202e</cwdb-action><b onclick=x>'
VOID = {"br", "img", "meta", "input"}


class Read(HTMLParser):
    """The elements of a document with their attributes and texts; fails where one is not closed in its turn."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.elements, self._open = [], []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs), []))
        if tag not in VOID:
            self._open.append(self.elements[-1])

    def handle_endtag(self, tag):
        assert self._open.pop()[0] == tag

    def handle_data(self, data):
        if self._open:
            self._open[-1][2].append(data)

    def calls(self):
        """What each button sends: its words, the call, how."""
        pairs = zip(self.elements, self.elements[1:], strict=False)
        return [
            ("".join(before[2]), json.loads("".join(action[2])), action[1])
            for before, action in pairs
            if action[0] == "cwdb-action"
        ]


def line(**changes):
    incident_row = IncidentRow(
        id="ecs-task-restarting-0123456789",
        runbook="ecs_task_restarting",
        title=Text("Tasks keep restarting", "タスクが再起動を繰り返しています"),
        arn="arn:aws:ecs:ap-northeast-1:123456789012:service/portfolio-cluster/portfolio-api-service",
        resource="portfolio-api-service",
        level="high",
        opened_at="2026-11-23T03:00:00.000Z",
        state="running",
    )
    return replace(incident_row, **changes)


ASKED = Question(
    reference="ecs-task-restarting-0123456789-deadbeef",
    plan=Text("Task memory: 512 -> 1024 MiB", "タスクのメモリ: 512 -> 1024 MiB"),
    until="2026-11-23T12:30:00.000Z",
)
FULL = Board(
    at=AT,
    open=(line(state="asking", question=ASKED), line(id="a-2", taken_by="sato@example.com")),
    ended=(line(id="a-3", state="closed", verdict="fixed", change=ASKED.plan, undoable=True),),
    incidents=3,
    verdicts=(("fixed", 1), ("not_fixed", 2)),
    changes=(("ecs_task_restarting", 1),),
    refusals=(("change_freeze", 2), ("plan", 1)),
    clocks=(
        ClockTally("situation", 3, 0),
        ClockTally("response", 2, 1),
        ClockTally("cause", 3, 0),
        ClockTally("recovery", 1, 2),
    ),
    first_report=Spread(3, 21.4, 65.0),
    recovery=Spread(1, 840.0, 840.0),
)


def html(board=FULL, viewer=EN):
    return board_html(board, viewer, here=HERE, desk=DESK)


def test_buttons_call_with_the_incident_and_the_plans_reference_and_nothing_else():
    calls = [(words, call) for words, call, how in Read(html()).calls() if how["endpoint"] == DESK]
    reference, incident = ASKED.reference, "ecs-task-restarting-0123456789"
    assert calls == [
        ("Approve", {"reference": reference, "answer": "approve"}),
        ("Refuse", {"reference": reference, "answer": "refuse"}),
        ("Hold", {"reference": reference, "answer": "hold"}),
        ("I have it", {"reference": incident, "answer": "ack"}),
        ("Undo", {"reference": "a-3", "answer": "undo"}),
    ]


def test_whatever_changes_something_asks_first_and_names_the_change():
    for words, call, how in Read(html()).calls():
        if how["endpoint"] != DESK:
            assert "confirmation" not in how
            continue
        assert how["action"] == "call"
        assert how["display"] == "popup"
        assert call["reference"].removesuffix("-deadbeef") in how["confirmation"]
        assert "512 -> 1024 MiB" in how["confirmation"] or words == "I have it"


def test_an_incident_opens_its_page_above_the_board():
    pages = [(call, how) for _, call, how in Read(html()).calls() if how["endpoint"] == HERE and "incident" in call]
    assert [call["incident"] for call, _ in pages] == ["ecs-task-restarting-0123456789", "a-2", "a-3"]
    assert {how["display"] for _, how in pages} == {"popup"}


def test_a_held_question_offers_no_further_hold():
    held = replace(FULL, open=(line(state="asking", question=replace(ASKED, held=True)),))
    assert "Hold" not in [words for words, *_ in Read(html(held)).calls()]


def test_the_same_stands_in_japanese_at_the_viewers_hour():
    found = html(viewer=JA)
    for words in (
        "未解決のインシデント",
        "過去 7 日間",
        "承認",
        "タスクが再起動を繰り返しています",
        "変更カレンダー",
        "復旧",
    ):
        assert words in found, words
    assert "11-23 12:00" in found  # opened at 03:00 UTC
    assert "11-23 21:00 (UTC+09:00)" in found
    assert 'lang="ja"' in found
    assert not re.search(r">(Open|Approve|Undo|none|level)<", found)


def test_figures_are_told_in_units_that_people_read():
    found = html()
    assert "21 s" in found
    assert "14 min" in found
    assert "2 / 3" in found


def test_an_empty_board_says_so():
    found = html(Board(at=AT))
    assert "Nothing is open." in found
    assert "<td>-</td>" in found


def test_part_of_a_ledger_and_unreadable_records_are_told():
    found = html(replace(FULL, unread=2, whole=False))
    assert "2 records cannot be read" in found
    assert "too low" in found


def test_long_lists_are_cut_and_say_how_many_are_left_out():
    many = replace(FULL, open=tuple(line(id=f"a-{n}") for n in range(80)))
    found = html(many)
    assert "and 30 more" in found
    assert len(found) < 200_000


@pytest.mark.parametrize("viewer", [EN, JA])
def test_outside_text_adds_no_element_and_no_attribute(viewer):
    def of(words):
        words = words if isinstance(words, Text) else same(words)
        asked = replace(ASKED, plan=words)
        named = {"title": words, "resource": words.en, "runbook": words.en, "level": words.en, "taken_by": words.en}
        done = {"state": "closed", "verdict": words.en, "change": words, "undoable": True, "origin": words.en}
        return replace(
            FULL,
            open=(line(state="asking", question=asked, **named), line(state=words.en)),
            ended=(line(id="a-3", **{**named, **done}),),
            verdicts=((words.en, 1),),
            changes=((words.en, 1),),
            refusals=((words.en, 1),),
        )

    hostile, plain = Read(html(of(HOSTILE), viewer)), Read(html(of("x"), viewer))
    shape = [(tag, sorted(attributes)) for tag, attributes, _ in hostile.elements]
    assert shape == [(tag, sorted(attributes)) for tag, attributes, _ in plain.elements]
    assert not [v for _, a, _ in hostile.elements for v in a.values() if "\u202e" in (v or "")]
    assert [call for _, call, _ in hostile.calls()] == [call for _, call, _ in plain.calls()]


@pytest.mark.parametrize("id", ["a'b", 'a"b', "a b", "</cwdb-action>", "A-1", "", "a" * 100, "a\n"])
def test_an_id_that_is_none_is_sent_by_no_button(id):
    assert [c for _, c, _ in Read(html(replace(FULL, open=(line(id=id),), ended=()))).calls()] == [{"show": "board"}]


def test_without_the_desk_there_is_nothing_to_answer_with():
    read = Read(board_html(FULL, EN, here=HERE, desk=""))
    assert {how["endpoint"] for _, _, how in read.calls()} == {HERE}


def test_nothing_runs_in_the_browser():
    for tag, attributes, _ in Read(html()).elements:
        assert tag not in ("script", "iframe", "object", "form", "use", "link")
        assert not [name for name in attributes if name.startswith("on") or name in ("href", "src")]


def test_every_button_can_be_reached_and_every_column_has_its_head():
    read = Read(html())
    assert {a["type"] for tag, a, _ in read.elements if tag == "button"} == {"button"}
    assert all("".join(texts).strip() for tag, _, texts in read.elements if tag in ("button", "th"))
    assert {a.get("scope") for tag, a, _ in read.elements if tag == "th"} == {"col"}


def luminance(colour):
    channels = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "paper"),
    [(ink, "back") for ink in ("text", "quiet", "link", "good", "bad", "mind")] + [("on-link", "link")],
)
def test_every_text_stands_out_from_its_background(colours, ink, paper):
    darker, lighter = sorted((luminance(colours[ink]), luminance(colours[paper])))
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        (None, Viewer(language="ja")),
        ("?", Viewer(language="ja")),
        ({"locale": "en-US", "theme": "dark"}, Viewer(dark=True)),
        (
            {"locale": "ja", "timezone": {"label": "Local", "offsetISO": "+09:00"}},
            Viewer(language="ja", offset="+09:00"),
        ),
        ({"locale": "fr", "theme": "<b>", "timezone": {"offsetISO": "+99:99"}}, Viewer(language="ja")),
        ({"timezone": "UTC"}, Viewer(language="ja")),
    ],
)
def test_who_looks_is_known_from_what_cloudwatch_tells(context, expected):
    assert viewer_of(context, "ja") == expected


def test_west_of_greenwich_it_is_earlier():
    assert Viewer(offset="-05:30").time("2026-11-23T03:00:00.000Z") == "11-22 21:30"


def test_what_is_no_moment_is_shown_as_it_is():
    assert "&lt;b&gt;" in html(replace(FULL, open=(line(opened_at="<b>"),)))


def test_secrets_and_lengths_of_outside_text_are_held_wherever_it_stands():
    found = html(replace(FULL, open=(line(title=same("password=hunter2hunter2 " + "x" * 500)),), ended=()))
    assert "hunter2" not in found
    assert "x" * 200 not in found


def test_a_button_sends_words_only():
    button = PAGES.get_template("parts.html.j2").make_module({"viewer": EN}).button
    assert button("x", DESK, {"reference": "a b"}) == ""
    assert button("x", DESK, {"reference": "a b"}, look="link") == "x"


@pytest.mark.parametrize("answer", ["approve", "refuse", "hold", "ack", "undo", "replay"])
@pytest.mark.parametrize("viewer", [EN, JA])
def test_what_was_taken_is_said_in_one_sentence(answer, viewer):
    text = outcome_html({"accepted": True, "incident": "a-1", "answer": answer}, viewer)
    assert Read(text)
    assert "a-1" in text
    assert "role=" in text


def test_what_was_not_taken_is_told_with_why_and_what_is_asked_now():
    text = outcome_html({"accepted": False, "why": HOSTILE, "plan_now": "Task memory <1024>"}, EN)
    assert Read(text)
    assert "<script" not in text
    assert "Not taken" in text
    assert "Task memory &lt;1024&gt;" in text
