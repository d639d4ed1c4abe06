"""The incident page as HTML: what it shows, in which language, and that nothing from outside acts in it."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediator.core.text import Text
from remediator.incidents.record import Entry, IncidentRecord, SentReport
from remediator.incidents.response_clocks import Clock
from remediator.problems import load_all
from remediator.reports.page.page import incident_page
from remediator.reports.page.svg_chart import Axis, Mark, picture
from remediator.reports.page.timeline import EVENTS, timeline
from remediator.resources.kind import Wanted
from remediator.resources.metric_series import Series
from tests.prove.hostile_texts import hostile_texts
from tests.prove.places import filled
from tests.reports.cases import CASES, SETTINGS

WANTED = Wanted(Text("response time", "応答時間"), "AWS/ApplicationELB", "TargetResponseTime", {}, "Average", "s")
MISSED = Clock(name="response", limit_s=900, due="2026-11-23T03:07:10.000Z", state="missed")
FIXED = CASES["out_of_memory_fixed"]
POINTS = tuple((f"2026-11-23T02:{m:02}:00.000Z", m / 100) for m in range(40, 59))


def dossier(case):
    return IncidentRecord(
        incident=case.incident, state="closed", reports=(SentReport(case, case.at),), closed_at=case.at
    )


class Read(HTMLParser):
    """Its visible text and its elements, as a browser would have them."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.words, self._skipped = [], [], 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._skipped += tag == "style"

    def handle_endtag(self, tag):
        self._skipped -= tag == "style"

    def handle_data(self, data):
        if not self._skipped and data.strip():
            self.words.append(" ".join(data.split()))

    @property
    def text(self):
        return "\n".join(self.words)


def page(case, language="en", **more):
    return Read(incident_page(dossier(case), SETTINGS, language, **more))


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("name", CASES)
def test_every_case_has_a_page_that_needs_nothing_from_elsewhere(name, language):
    found = page(CASES[name], language, plots=(Series(WANTED, POINTS),))
    tags = {tag for tag, _ in found.elements}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "form"}
    assert all(not {"src", "href", "onclick", "onload"} & set(attributes) for _, attributes in found.elements)
    assert [a["lang"] for tag, a in found.elements if tag == "html"] == [language]
    assert CASES[name].incident.id in found.text


def test_it_shows_what_ten_seconds_need_first():
    found = page(FIXED)
    headings = [
        w
        for w in found.words
        if w in ("At a glance", "Timeline", "What was changed", "Causes looked at", "Ledger trail")
    ]
    assert headings == ["At a glance", "Timeline", "What was changed", "Causes looked at", "Ledger trail"]
    assert f"remediator undo {FIXED.incident.id}" in found.text


def test_the_change_is_shown_as_a_difference():
    found = page(FIXED)
    assert [tag for tag, _ in found.elements].count("del") == [tag for tag, _ in found.elements].count("ins") > 0


def test_japanese_pages_have_japanese_headings():
    assert {"概要", "タイムライン", "台帳の記録"} <= set(page(FIXED, "ja").words)


def test_bare_it_is_a_part_of_another_page():
    html = incident_page(dossier(FIXED), SETTINGS, "en", bare=True)
    tags = {tag for tag, _ in Read(html).elements}
    assert not tags & {"html", "head", "body", "title", "meta"}
    assert {"main", "style"} <= tags


def test_without_a_report_it_says_so():
    case = FIXED
    read = Read(incident_page(IncidentRecord(incident=case.incident, state="running"), SETTINGS, "en"))
    assert "No report of it has been sent yet." in read.text


@pytest.mark.parametrize("seed", range(8))
def test_nothing_from_outside_becomes_an_element_or_a_secret_told(seed):
    calm = page(FIXED)
    for hostile in hostile_texts(seed, 5):
        case = filled(FIXED, hostile.text, hostile.text)
        html = incident_page(dossier(case), SETTINGS, "en", (Series(WANTED, (), hostile.text),))
        read = Read(html)
        assert {tag for tag, _ in read.elements} <= {tag for tag, _ in calm.elements} | {"figure", "figcaption", "ul"}
        assert [s for s in hostile.secrets if s in html] == []
        assert re.search("[\u202a-\u202e\u2066-\u2069\x1b]", html) is None


# -- plots ---------------------------------------------------------------------------------------------------------------


def alone(points, *marks) -> str:
    """The picture of one metric that has a page to itself."""
    series = Series(WANTED, tuple(points))
    return picture(series, Axis.of((series,), marks), "en")


def test_the_moment_of_the_change_is_marked():
    drawn = alone(POINTS, Mark("2026-11-23T02:50:00.000Z", "change"))
    assert drawn.count("<polyline") == 1
    assert '<line class="mark change"' in drawn
    assert ">change</text>" in drawn


def test_minutes_without_a_value_are_no_line():
    apart = (*POINTS[:5], *POINTS[12:])
    assert alone(apart).count("<polyline") == 2


def test_words_of_marks_that_would_lie_on_each_other_give_way_to_the_change():
    marks = (Mark("2026-11-23T02:50:00.000Z", "opened"), Mark("2026-11-23T02:50:10.000Z", "change"))
    drawn = alone(POINTS, *marks)
    assert ">change</text>" in drawn
    assert ">opened</text>" not in drawn


def test_a_picture_says_in_words_what_it_shows():
    assert 'aria-label="response time: from 0.4 to 0.58, highest 0.58, lowest 0.4"' in alone(POINTS)


def test_the_pictures_of_a_page_share_their_time_so_that_they_can_be_compared():
    long, short = Series(WANTED, POINTS), Series(WANTED, POINTS[-3:])
    axis = Axis.of((long, short), zone="Asia/Tokyo")
    ends = [re.findall(r">(\d\d:\d\d JST \(\d\d:\d\d UTC\))<", picture(s, axis, "en")) for s in (long, short)]
    assert ends[0] == ends[1] != []


@given(st.lists(st.floats(0, 1e12, allow_nan=False), min_size=1, max_size=20))
def test_whatever_the_values_nothing_is_drawn_outside(values):
    points = tuple((f"2026-11-23T02:{m:02}:00.000Z", v) for m, v in enumerate(values))
    drawn = alone(points)
    places = [float(y) for pair in re.findall(r'points="([^"]*)"', drawn) for y in re.findall(r",([\d.-]+)", pair)]
    assert all(0 <= y <= 150 for y in places)


# -- timeline ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
def test_the_timeline_is_in_order_and_begins_with_what_told_of_it(name):
    happenings = timeline(dossier(CASES[name]))
    assert [h.at for h in happenings] == sorted(h.at for h in happenings)
    assert happenings[0].kind in ("signal", "opened")
    assert all(h.what.en and h.what.ja for h in happenings)


def test_what_a_refusal_leads_to_stands_below_the_refusal_of_the_same_moment():
    refused = replace(CASES["refused_by_a_person"], at=MISSED.due)
    trail = (Entry("answered_at", refused.at, refused.at),)
    happenings = timeline(replace(dossier(refused), reports=(SentReport(refused, refused.at),), trail=trail))
    assert [h.kind for h in happenings if h.kind in {"answer", "update"}] == ["answer", "update"]


def test_a_missed_clock_is_bad_news():
    case = FIXED
    late = replace(dossier(case), clocks=(MISSED,))
    (found,) = [h for h in timeline(late) if h.kind == "clock"]
    assert not found.ok
    assert found.what.en == "15-minute clock missed: first response"


def test_every_kind_of_event_that_a_runbook_waits_for_has_words_in_both_languages():
    kinds = {t.kind for runbook in load_all() for t in runbook.triggers}
    assert kinds - {*EVENTS, "alarm"} == set()
