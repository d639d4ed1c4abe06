"""The incident report as one self-contained HTML page: no script, font or picture from elsewhere."""

from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import PackageLoader
from markupsafe import Markup

from ...core.model import OVER, Fact
from ...core.settings import Settings
from ...core.text import Language, Text
from ...core.timestamps import seconds_between
from ...incidents.case import Case
from ...incidents.record import IncidentRecord
from ...resources.metric_series import Series
from ..blocks import TOP, Block, Command, Item, Quote, Report, Shown, Statement, Step
from ..compose import compose
from ..moments import clock, exact, within
from ..sentences import minutes, told, told_text
from ..status import LEVELS
from ..templates import pages_from
from .svg_chart import Axis, Mark, picture
from .timeline import timeline

LOADER = PackageLoader("remediator.reports.page")


OWN_SECTIONS = frozenset((*TOP, "cause", "unchecked", "ruled_out", "change"))  # which the page shows in its own way
WORDS = {
    "opened": Text("opened", "開始"),
    "closed": Text("closed", "終了"),
    "lasted": Text("lasted", "継続時間"),
    "incident": Text("incident", "インシデント"),
    "level": Text("level", "レベル"),
    "glance": Text("At a glance", "概要"),
    "plots": Text("Metrics", "メトリクス"),
    "no_values": Text("CloudWatch has no values of it for this time", "この時間帯の値は CloudWatch にありません"),
    "timeline": Text("Timeline", "タイムライン"),
    "bad_news": Text("missed", "未達"),
    "causes": Text("Causes looked at", "確認した原因"),
    "held": Text("holds", "該当"),
    "unchecked": Text("not checked", "未確認"),
    "ruled_out": Text("ruled out", "否定"),
    "row": Text("guide row", "ガイドの行"),
    "change": Text("What was changed", "変更内容"),
    "setting": Text("setting", "設定"),
    "before": Text("before", "変更前"),
    "after": Text("after", "変更後"),
    "calls": Text("calls", "実行した API"),
    "undone": Text("taken back at", "取り消し日時"),
    "trail": Text("Ledger trail", "台帳の記録"),
    "noted": Text("noted", "項目"),
    "moment": Text("moment", "日時"),
    "value": Text("value", "値"),
    "states": Text("states", "状態"),
    "unread": Text("stored by another version and not readable", "別バージョンの記録のため読み取れない項目"),
    "no_report": Text("No report of it has been sent yet.", "まだ報告は送信されていません。"),
    "fact": Text("what", "項目"),
    "source": Text("read from", "取得元"),
    "at": Text("at", "日時"),
    "told_by": Text(
        "Made from the ledger by the remediator. Replay it with", "remediator が台帳から作成しました。再現するには"
    ),
}


def incident_page(
    dossier: IncidentRecord, settings: Settings, language: Language, plots: Sequence[Series] = (), *, bare: bool = False
) -> str:
    """The page of one incident.

    Args:
        dossier: what the ledger has of it.
        settings: of the deployment.
        language: of every word that is ours.
        plots: metrics around it; those without values say why.
        bare: only the body with its style, to stand within another page (a CloudWatch widget).
    """
    page = pages_from(LOADER).get_template("incident.html.j2")
    return page.render(bare=bare, **_context(dossier, settings, language, plots))


def _context(
    dossier: IncidentRecord, settings: Settings, language: Language, plots: Sequence[Series]
) -> dict[str, Any]:
    case = dossier.case
    report = compose(case, settings) if case else None
    say = {name: words.in_(language) for name, words in WORDS.items()}
    axis = Axis.of(plots, _marks(dossier), settings.zone)
    return {
        "lang": language,
        "say": say,
        **_head(dossier, report, language, settings.zone),
        "top": [_block(b, report, language) for b in report.blocks if b.part in TOP] if report else [],
        "plots": [_plot(s, axis, language) for s in plots],
        "timeline": [
            {"at": exact(h.at, settings.zone), "kind": h.kind, "ok": h.ok, "what": h.what.in_(language)}
            for h in timeline(dossier)
        ],
        "causes": _causes(case, language, say, settings.zone) if case else [],
        "change": _change(case, language, settings.zone) if case else None,
        "rest": [_block(b, report, language) for b in report.blocks if b.part not in OWN_SECTIONS] if report else [],
        "trail": [{"at": exact(e.at), "name": e.name, "value": told(e.value, 200)} for e in dossier.trail],
        "notes": [{"name": e.name, "value": told(e.value, 200)} for e in dossier.notes],
        "unread": ", ".join(dossier.unread),
        "row": case.diagnosis.cause if case else None,
    }


def _head(dossier: IncidentRecord, report: Report | None, language: Language, zone: str) -> dict[str, Any]:
    incident = dossier.incident
    lasted = minutes(max(0.0, seconds_between(incident.opened_at, dossier.until))).in_(language)
    return {
        "incident": told(incident.id, 80),
        "status": report.status.in_(language) if report else told(dossier.state, 40),
        "mood": _mood(dossier),
        "title": report.title.in_(language) if report else told(incident.runbook, 80),
        "level": LEVELS[incident.level].in_(language),
        "resource": told(incident.resource.name, 120),
        "arn": told(incident.resource.arn, 400),
        "opened": clock(incident.opened_at, zone=zone),
        "closed": clock(dossier.closed_at, incident.opened_at, zone) if dossier.closed_at else "",
        "lasted": lasted,
    }


def _mood(dossier: IncidentRecord) -> str:
    if dossier.verdict in OVER:
        return "good"
    return "bad" if dossier.verdict or dossier.state == "asking" else "open"


def _marks(dossier: IncidentRecord) -> tuple[Mark, ...]:
    case = dossier.case
    marks = [Mark(dossier.incident.opened_at, "opened")]
    if case and case.change:
        marks.append(Mark(case.change.applied_at, "change"))
    if case and case.undone:
        marks.append(Mark(case.undone.applied_at, "undo"))
    if dossier.closed_at:
        marks.append(Mark(dossier.closed_at, "end"))
    return tuple(marks)


def _plot(series: Series, axis: Axis, language: Language) -> dict[str, Any]:
    unit = f" ({series.wanted.unit})" if series.wanted.unit else ""
    return {
        "label": f"{series.wanted.label.in_(language)}{unit}",
        "source": f"{series.wanted.namespace} {series.wanted.name}, {series.wanted.stat}",
        "picture": Markup(picture(series, axis, language)),  # noqa: S704  # made by us, its texts are escaped
        "gap": told(series.gap, 200) or WORDS["no_values"].in_(language),
    }


def _causes(case: Case, language: Language, say: Mapping[str, str], zone: str) -> list[dict[str, Any]]:
    diagnosis = case.diagnosis
    held = [
        _cause(
            "held",
            say["held"],
            h.cause,
            h.title,
            _said(h.advice, language),
            _facts(h.facts, case, language, zone),
            language,
        )
        for h in diagnosis.held
    ]
    unchecked = [
        _cause("unchecked", say["unchecked"], o.cause, o.title, told(o.why), [], language) for o in diagnosis.unchecked
    ]
    ruled_out = [
        _cause("ruled-out", say["ruled_out"], e.cause, e.title, _said(e.because, language), [], language)
        for e in diagnosis.ruled_out
    ]
    return [*held, *unchecked, *ruled_out]


def _cause(  # noqa: PLR0913, PLR0917  # one line of the table
    kind: str, mark: str, row: str, title: Text, why: str, facts: list[dict[str, str]], language: Language
) -> dict[str, Any]:
    return {"kind": kind, "mark": mark, "row": row, "title": _said(title, language), "why": why, "facts": facts}


def _said(text: Text, language: Language) -> str:
    return told_text(text).in_(language)


def _facts(facts: Sequence[Fact], case: Case, language: Language, zone: str) -> list[dict[str, str]]:
    return [
        {
            "label": _said(f.label, language),
            "value": told(f.value),
            "source": told(f.source, 160),
            "at": clock(f.at, case.at, zone),
        }
        for f in facts
    ]


def _change(case: Case, language: Language, zone: str) -> dict[str, Any] | None:
    if case.change is None:
        return None
    plan = case.change.plan
    names = sorted({*plan.before, *plan.after})
    return {
        "title": _said(plan.title, language),
        "at": within(case.change.applied_at, case.at, zone),
        "undone": clock(case.undone.applied_at, case.at, zone) if case.undone else "",
        "calls": [{"action": c.action, "arn": told(c.arn, 400)} for c in plan.calls],
        "values": [
            {
                "name": told(n, 120),
                "before": told(str(plan.before.get(n, "-"))),
                "after": told(str(plan.after.get(n, "-"))),
            }
            for n in names
        ],
    }


def _block(block: Block, report: Report, language: Language) -> dict[str, Any]:
    return {
        "part": block.part,
        "title": block.title.in_(language),
        "items": [_item(i, report, language) for i in block.items],
    }


def _item(item: Item, report: Report, language: Language) -> dict[str, str]:
    match item:
        case Statement(text):
            return {"kind": "statement", "text": text.in_(language)}
        case Shown(label, value, source, at):
            shown = {"label": label.in_(language), "value": value.in_(language), "source": source}
            return {"kind": "fact", **shown, "at": clock(at, report.at, report.zone) if at else ""}
        case Step(name, before, after):
            return {"kind": "step", "name": name, "before": before, "after": after}
        case Quote(line):
            return {"kind": "quote", "line": line}
        case Command():
            lead = item.lead.in_(language) if item.lead else ""
            return {"kind": "command", "lead": lead, "line": item.line}
