"""A headless Chromium of this machine, driven by Playwright: Debian's package, or whatever browser is there already."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

from remediator.core.text import Language

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MISSING = f"no Chromium on this machine ({', '.join(NAMES)}); on Debian: apt-get install chromium"
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip
PHONE, DESK = (390, 844), (1400, 900)
SERIOUS = ("serious", "critical")


def installed() -> str | None:
    """The browser's path, None where there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser that reaches nothing but files."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=installed(), args=list(QUIET))
        try:
            yield opened
        finally:
            opened.close()


@contextmanager
def shown(opened: Browser, file: Path, size: tuple[int, int], scheme: str = "light") -> Iterator[tuple[Any, list[str]]]:
    """The file as a page of that size and colour scheme, and every complaint of the console."""
    width, height = size
    page = opened.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: complaints.append(str(e)))
    page.on("requestfailed", lambda r: complaints.append(f"not loaded: {r.url}"))
    page.on(
        "request", lambda r: None if r.url.startswith(("file:", "data:")) else complaints.append(f"asked for {r.url}")
    )
    page.goto(file.as_uri())
    try:
        yield page, complaints
    finally:
        page.close()


def widget_page(folder: Path, html: str, language: Language) -> Path:
    """A file with the widget's HTML in a page of its own, as the console has it in its."""
    file = folder / "board.html"
    page = f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
    page += '<meta name="viewport" content="width=device-width"><title>Board</title></head>'
    file.write_text(f'{page}<body style="margin:0"><main><h1>Dashboard</h1>{html}</main></body></html>', "utf-8")
    return file


def faults(page: Any) -> list[str]:
    """What axe-core finds that is serious or critical: rule, and where."""
    found = Axe().run(page).response["violations"]
    return [f"{v['id']}: {v['help']}: {[n['target'] for n in v['nodes']][:3]}" for v in found if v["impact"] in SERIOUS]


def overflows(page: Any) -> bool:
    """Whether one must scroll sideways to read."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
