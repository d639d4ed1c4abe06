"""The pictures of the README, taken of real pages of the sandbox: `python -m tests.browser.screenshots` (make screenshots)."""

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ops.demo import play
from ops.pages import write_pages
from ops.sandbox.scenarios import by_name
from remediator.core.text import Language

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
    return 0


if __name__ == "__main__":
    sys.exit(main())
