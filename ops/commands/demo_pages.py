"""Pages of the demo's incidents in one folder, with an index: what the sandbox's ledger holds, as the deployed product shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import ChoiceLoader, PackageLoader

from remediator.core.model import OVER, Verdict
from remediator.core.settings import Settings
from remediator.core.text import Language, Text
from remediator.incidents.record import IncidentRecord, record_of
from remediator.reports.compose import compose
from remediator.reports.page.page import LOADER, incident_page
from remediator.reports.status import WORDS as VERDICTS
from remediator.reports.templates import pages_from
from remediator.resources.metric_series import Series
from sandbox.laptop import Laptop

from ..incidents.incident import plots_of

INDEX = "index.html"
INDEX_LOADER = ChoiceLoader([PackageLoader("ops.commands"), LOADER])
SAY = {
    "title": Text("What the remediator did in the demo", "デモでの remediator の動作"),
    "story": Text("story", "シナリオ"),
    "incident": Text("incident", "インシデント"),
    "found": Text("what broke", "障害"),
    "verdict": Text("verdict", "判定"),
}


@dataclass(frozen=True, slots=True)
class Kept:
    """One incident of a story, read while its world was there."""

    story: str
    about: Text
    dossier: IncidentRecord
    plots: tuple[Series, ...]
    settings: Settings

    @property
    def file(self) -> str:
        """Its page within the folder."""
        return f"{self.story}-{self.dossier.incident.id}.html"


def keep(story: str, about: Text, laptop: Laptop) -> tuple[Kept, ...]:
    """Every incident of the story that people were told of, with the metrics around it."""
    settings = laptop.runtime.settings
    with laptop.world.behind_the_scenes():
        dossiers = [record_of(r) for r in laptop.records() if "joined" not in r]
        return tuple(
            Kept(story, about, d, plots_of(d, settings, laptop.runtime.clients), settings)
            for d in dossiers
            if d.reports
        )


def write_pages(folder: Path, kept: Sequence[Kept], language: Language) -> Path:
    """Writes a page for each incident and the index; gives the index.

    Raises:
        OSError: they cannot be written there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for one in kept:
        page = incident_page(one.dossier, one.settings, language, one.plots)
        (folder / one.file).write_text(page, encoding="utf-8")
    index = folder / INDEX
    index.write_text(_index(kept, language), encoding="utf-8")
    return index


def _index(kept: Sequence[Kept], language: Language) -> str:
    say = {name: words.in_(language) for name, words in SAY.items()}
    return (
        pages_from(INDEX_LOADER)
        .get_template("pages.html.j2")
        .render(lang=language, say=say, rows=[_row(one, language) for one in kept])
    )


def _row(one: Kept, language: Language) -> dict[str, str]:
    case, verdict = one.dossier.case, one.dossier.verdict
    good = verdict in OVER
    return {
        "story": one.story,
        "about": one.about.in_(language),
        "file": one.file,
        "incident": one.dossier.incident.id,
        "found": compose(case, one.settings).title.in_(language) if case else "",
        "verdict": VERDICTS[Verdict(verdict)].in_(language)
        if verdict in set(Verdict)
        else verdict or one.dossier.state,
        "mood": "good" if good else "bad" if verdict else "open",
    }
