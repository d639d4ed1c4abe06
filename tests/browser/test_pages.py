"""The incident page and the demo's index in headless Chromium: quiet, readable on a phone and a desk, and for everyone."""

from dataclasses import replace

import pytest

from ops.commands.demo import play
from ops.commands.demo_pages import write_pages
from sandbox.scenarios import by_name
from tests.made_once import made_once
from tests.prove.hostile_texts import hostile_texts
from tests.prove.places import filled

from . import chromium

pytestmark = pytest.mark.skipif(chromium.installed() is None, reason=chromium.MISSING)
STORIES = ("out-of-memory", "worse", "nobody-answers")


@pytest.fixture(scope="module")
def opened():
    with chromium.browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    def incidents():
        return [k for name in STORIES for k in play(by_name(name), keeps=True).kept]

    return made_once(tmp_path_factory, "incidents-for-pages", incidents)


@pytest.fixture(scope="module", params=["en", "ja"])
def folder(request, kept, tmp_path_factory):
    made = tmp_path_factory.mktemp(request.param)
    write_pages(made, kept, request.param)
    return made


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [chromium.PHONE, chromium.DESK], ids=["phone", "desk"])
def test_every_page_is_quiet_fits_and_has_no_serious_fault_of_accessibility(opened, folder, size, scheme):
    pages = sorted(folder.glob("*.html"))
    assert len(pages) > len(STORIES)
    for file in pages:
        with chromium.shown(opened, file, size, scheme) as (page, complaints):
            assert complaints == [], file.name
            assert not chromium.overflows(page), file.name
            assert chromium.faults(page) == [], file.name


def test_a_hostile_incident_runs_nothing_and_asks_for_nothing(opened, kept, tmp_path):
    for n, hostile_text in enumerate(hostile_texts(6, 12)):
        text = hostile_text.text
        dossier = kept[0].dossier
        found = tuple(replace(t, case=filled(t.case, text, text)) for t in dossier.reports)
        named = replace(dossier, reports=found, incident=found[-1].case.incident)
        hostile = replace(kept[0], story=f"hostile-{n}", dossier=named)
        write_pages(tmp_path, [hostile], "en")
        with chromium.shown(opened, tmp_path / hostile.file, chromium.PHONE) as (page, complaints):
            assert complaints == [], text[:80]
            assert page.locator("script, iframe, img, object").count() == 0, text[:80]
            assert not chromium.overflows(page), text[:80]


def test_the_page_notices_what_it_must(opened, tmp_path):
    bad = tmp_path / "bad.html"
    bad.write_text("<html><body><img src='https://example.com/x.png'><p style='width:2000px'>x</p></body></html>")
    with chromium.shown(opened, bad, chromium.PHONE) as (page, complaints):
        assert complaints
        assert chromium.overflows(page)
        assert chromium.faults(page)
