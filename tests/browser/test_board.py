"""The dashboard's board in headless Chromium: quiet, readable on a phone and a desk, and for everyone, in both themes."""

import re
from dataclasses import replace

import pytest

from remediator.core.text import Text, same
from remediator.reports.dashboard.board import Board
from remediator.reports.dashboard.viewer import Viewer
from remediator.reports.dashboard.widget_html import board_html, outcome_html
from tests.reports.dashboard.test_board_html import DESK, FULL, HERE, HOSTILE, line

chromium = pytest.importorskip("tests.browser.chromium", reason="the browser's driver is not here")
pytestmark = pytest.mark.skipif(chromium.installed() is None, reason=chromium.MISSING)
VIEWERS = [Viewer(language=language, dark=dark, offset="+09:00") for language in ("en", "ja") for dark in (False, True)]
LONG = same("arn:aws:ecs:ap-northeast-1:123456789012:service/" + "portfolio-cluster" * 9)
CROWDED = replace(
    FULL,
    open=(*FULL.open, *(line(id=f"a-{n}", level="low", resource=LONG.en, title=LONG) for n in range(60))),
    ended=tuple(
        line(id=f"b-{n}", state="closed", verdict=verdict, change=LONG if n % 2 else None, undoable=bool(n % 2))
        for n, verdict in enumerate(
            ("fixed", "not_fixed", "cannot_tell", "recovered_without_us", "handed_over", "x" * 90)
        )
    ),
    changes=tuple((name, 12345) for name in ("cloudfront_not_delivering", "dynamodb_table_undeletable")),
    refusals=tuple((gate, 7) for gate in ("opt_in", "kill_switch", "person_at_work", "unknown_gate")),
    unread=3,
    whole=False,
)
HOSTILE_BOARD = replace(FULL, open=(line(title=Text(HOSTILE, HOSTILE), resource=HOSTILE, taken_by=HOSTILE),))
BOARDS = {"full": FULL, "empty": Board(at=FULL.at), "crowded": CROWDED, "hostile": HOSTILE_BOARD}


@pytest.fixture(scope="module")
def opened():
    with chromium.browser() as browser:
        yield browser


def written(folder, html, viewer):
    return chromium.widget_page(folder, html, viewer.language)


@pytest.mark.parametrize("viewer", VIEWERS, ids=lambda v: f"{v.language}-{'dark' if v.dark else 'light'}")
@pytest.mark.parametrize("size", [chromium.PHONE, chromium.DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("name", BOARDS)
def test_the_board_is_quiet_fits_and_has_no_serious_fault_of_accessibility(opened, tmp_path, name, size, viewer):
    file = written(tmp_path, board_html(BOARDS[name], viewer, here=HERE, desk=DESK), viewer)
    with chromium.shown(opened, file, size) as (page, complaints):
        assert complaints == []
        assert not chromium.overflows(page)
        assert chromium.faults(page) == []


def test_what_a_button_sends_is_not_shown_to_people(opened, tmp_path):
    file = written(tmp_path, board_html(FULL, Viewer(), here=HERE, desk=DESK), Viewer())
    with chromium.shown(opened, file, chromium.DESK) as (page, _):
        assert "reference" not in page.locator(".rem").inner_text()


def test_every_button_is_reached_by_the_keyboard_in_the_order_of_the_lists(opened, tmp_path):
    file = written(tmp_path, board_html(FULL, Viewer(), here=HERE, desk=DESK), Viewer())
    with chromium.shown(opened, file, chromium.DESK) as (page, _):
        words = page.locator("button").all_inner_texts()
        reached = []
        for _ in words:
            page.keyboard.press("Tab")
            reached.append(page.evaluate("document.activeElement.innerText"))
        assert reached == words


def test_a_hostile_ledger_runs_nothing(opened, tmp_path):
    file = written(tmp_path, board_html(HOSTILE_BOARD, Viewer(), here=HERE, desk=DESK), Viewer())
    with chromium.shown(opened, file, chromium.DESK) as (page, complaints):
        assert page.locator("script, iframe, img, object, b").count() == 0
        assert "<script>" in page.locator(".rem").inner_text()
        assert complaints == []


@pytest.mark.parametrize("accepted", [True, False])
@pytest.mark.parametrize("viewer", VIEWERS, ids=lambda v: f"{v.language}-{'dark' if v.dark else 'light'}")
def test_what_became_of_a_click_can_be_read_by_everyone(opened, tmp_path, viewer, accepted):
    outcome = {"accepted": accepted, "incident": "a-1", "answer": "undo", "why": "another plan is asked now"}
    file = written(tmp_path, outcome_html(outcome, viewer), viewer)
    with chromium.shown(opened, file, chromium.PHONE) as (page, complaints):
        assert complaints == []
        assert chromium.faults(page) == []
        assert re.search(r"\S", page.locator("[role=status]").inner_text())
