"""The pictures of the README, taken of real pages of the sandbox: `python -m tests.browser.screenshots` (make screenshots)."""

import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from playwright.sync_api import Browser

from ops.commands.demo import play
from ops.commands.demo_pages import write_pages
from remediator.core.serialization import Json
from remediator.core.text import Language
from remediator.core.timestamps import after
from remediator.reports.dashboard.board import board_of
from remediator.reports.dashboard.viewer import Viewer
from remediator.reports.dashboard.widget_html import board_html
from sandbox.laptop import Act, Laptop
from sandbox.scenarios import by_name

from . import chromium

IMAGES = Path(__file__).parents[2] / "docs" / "images"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One picture: of which story's page, in which language, how wide and high, in which colour scheme."""

    name: str
    story: str
    language: Language
    size: tuple[int, int]
    scheme: str = "light"


WANTED = (
    Wanted("incident", "slow-busy-tasks", "en", (1200, 1500)),
    Wanted("incident-dark", "worse", "en", (1200, 1500), "dark"),
    Wanted("incident-phone-ja", "slow-busy-tasks", "ja", (390, 1400)),
)
BOARD_STORIES = ("out-of-memory", "slow-busy-tasks", "worse", "image-missing", "hot-key")
STILL_ASKING = "out-of-memory-ec2"
BOARDS = {"board": Viewer(language="en"), "board-ja": Viewer(language="ja", offset="+09:00")}
HERE = "arn:aws:lambda:ap-northeast-1:123456789012:function:remediator-widget"
DESK = "arn:aws:lambda:ap-northeast-1:123456789012:function:remediator-approve"


def _ledger() -> tuple[list[Json], str]:
    """The records of some stories, one of them still waiting for its answer, and when that was."""
    found: list[Json] = []
    for story in BOARD_STORIES:
        with Laptop() as laptop:
            by_name(story).play(laptop)
            found += laptop.records()
    with Laptop() as laptop:
        seen: list[Json] = []
        asked = by_name(STILL_ASKING)
        looks = Act(after_question_s=60, do=lambda at: seen.extend(at.records()))
        replace(asked, acts=(looks, *asked.acts)).play(laptop)
    return [*found, *seen], str(max(str(r["opened_at"]) for r in seen))


def _take_boards(opened: Browser, folder: Path) -> None:
    records, now = _ledger()
    board = board_of(records, after(now, 300))
    for name, viewer in BOARDS.items():
        html = board_html(board, viewer, here=HERE, desk=DESK)
        file = chromium.widget_page(folder, html, viewer.language)
        with chromium.shown(opened, file, (1200, 900)) as (page, _):
            page.locator(".rem").screenshot(path=IMAGES / f"{name}.png")
        print(f"docs/images/{name}.png")  # noqa: T201


def main() -> int:
    """Takes every picture; exit status 1 where there is no browser."""
    if chromium.installed() is None:
        print(chromium.MISSING)  # noqa: T201
        return 1
    IMAGES.mkdir(parents=True, exist_ok=True)
    kept = {name: play(by_name(name), keeps=True).kept for name in {w.story for w in WANTED}}
    with tempfile.TemporaryDirectory() as folder, chromium.browser() as opened:
        for wanted in WANTED:
            one = kept[wanted.story][:1]
            write_pages(Path(folder), one, wanted.language)
            with chromium.shown(opened, Path(folder) / one[0].file, wanted.size, wanted.scheme) as (page, _):
                page.screenshot(path=IMAGES / f"{wanted.name}.png")
            print(f"docs/images/{wanted.name}.png")  # noqa: T201
        _take_boards(opened, Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
