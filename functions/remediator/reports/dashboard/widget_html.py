"""What a CloudWatch custom widget shows: HTML without scripts, its colours, its buttons; the templates have its words. Pure.

CloudWatch takes scripts out and gives interactivity by `<cwdb-action>`: each tells what a click on the element right before it
calls. The call is made with the credentials of whoever looks at the dashboard.

Source: AWS, CloudWatch User Guide, "Details about custom widgets" and "Interactivity in the custom widget".
"""

import re
from collections.abc import Mapping
from typing import Any, Literal

from jinja2 import PackageLoader, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from ...core.text import Text, same
from ...gates import gate_named, title_of
from ...redaction.redact import outside
from ..sections.response_clocks import NAMES as CLOCK_NAMES
from ..sentences import minutes
from ..status import level_word
from ..templates import pages_from
from . import buttons
from .board import Board
from .incident_row import ORIGINS, TAKEN_BY, UNTIL, IncidentRow, ending, standing
from .viewer import Viewer

SHOWN_CHARS = 200
SENT = re.compile(r"[a-z0-9_-]{1,80}")  # ids, references and words: nothing else leaves by a button
Tone = Literal["", "good", "bad", "mind", "quiet"]
LEVEL_TONES: dict[str, Tone] = {"high": "bad", "medium": "mind"}
ENDING_TONES: dict[str, Tone] = {
    "fixed": "good", "recovered_without_us": "good", "not_fixed": "bad", "abandoned": "bad", "cannot_tell": "mind",
}  # fmt: skip
# Each text colour has a contrast of at least 4.5 on its background (WCAG 2.1, 1.4.3); a test computes it.
LIGHT = {
    "back": "#ffffff", "text": "#16191f", "quiet": "#545b64", "line": "#d5dbdb", "link": "#0a58a6",
    "good": "#1d6b26", "bad": "#b3261e", "mind": "#8a4b00", "on-link": "#ffffff",
}  # fmt: skip
DARK = {
    "back": "#161d26", "text": "#e9ebed", "quiet": "#b6bec9", "line": "#424e5c", "link": "#89bdee",
    "good": "#7ed08a", "bad": "#ff9c94", "mind": "#f2b759", "on-link": "#161d26",
}  # fmt: skip


def board_html(board: Board, viewer: Viewer, *, here: str, desk: str) -> str:
    """The board: what is open and can be answered, what the last seven days were, the figures.

    Args:
        board: to be shown.
        viewer: for whom.
        here: ARN of the widget's own function, which shows an incident's page.
        desk: ARN of the approve function, which takes what people say.
    """
    clocks = [(CLOCK_NAMES[k.clock], f"{k.met} / {k.met + k.missed}") for k in board.clocks]  # type: ignore[index]  # one of the four
    return _page("board.html.j2", viewer, board=board, clocks=clocks, here=here, desk=desk)


def buttons_html(line: IncidentRow | None, viewer: Viewer, desk: str) -> str:
    """What can be said to one incident, to stand above its page; nothing but the style where nothing is known of it."""
    return _page("incident_buttons.html.j2", viewer, line=line, desk=desk)


def notice(viewer: Viewer, what: Text, *more: Text, tone: Tone = "mind") -> str:
    """One sentence in place of what was asked for, and what there is to add."""
    return _page("notice.html.j2", viewer, what=what, more=more, tone=tone)


def outcome_html(outcome: Mapping[str, Any], viewer: Viewer) -> str:
    """What the approve function answers a click with."""
    if outcome.get("accepted"):
        done = buttons.DONE.get(str(outcome.get("answer", "")), Text("Taken.", "受け付けました。"))
        return notice(viewer, done, same(f"{outcome.get('incident', '')} · ") + buttons.LOOK_AGAIN, tone="good")
    plan = outcome.get("plan_now")
    asked = (buttons.ASKED_NOW + same(f": {plan}"),) if plan else ()
    return notice(viewer, buttons.NOT_TAKEN, same(str(outcome.get("why", "?"))), *asked, tone="bad")


def compile_templates() -> None:
    """Makes all templates ready, so that in Lambda's init phase, at full CPU, is done what the first view would wait for."""
    for name in PAGES.list_templates():
        PAGES.get_template(name)


def is_id(text: str) -> bool:
    """Whether it can be an incident's id."""
    return bool(re.fullmatch(r"[a-z0-9-]{1,63}", text))


def _page(template: str, viewer: Viewer, **filled: Any) -> str:
    colours = DARK if viewer.dark else LIGHT
    return PAGES.get_template(template).render(viewer=viewer, colours=colours, **filled)


@pass_context
def _shown(context: Context, value: object, limit: int = SHOWN_CHARS) -> Markup:
    """Whatever a template fills in: in the viewer's language, one line, bounded, without secrets; nothing in it is markup."""
    if isinstance(value, Markup):  # an element that a template has made
        return value
    words = value.in_(context["viewer"].language) if isinstance(value, Text) else str(value)
    return escape(" ".join(outside(words, limit).split()))


def _sendable(call: Mapping[str, str]) -> bool:
    return all(SENT.fullmatch(word) for word in (*call, *call.values()))


def _lasted(seconds: float) -> Text:
    return minutes(seconds) if seconds >= 60 else Text(f"{seconds:.0f} s", f"{seconds:.0f} 秒")


def _gate_title(gate: str) -> Text:
    """The title of a gate; the name itself of one that an older record holds."""
    return title_of(gate) if gate_named(gate) else same(gate)


PAGES = pages_from(PackageLoader("remediator.reports.dashboard"), _shown)
PAGES.policies["json.dumps_kwargs"] = {}  # what a button sends stays in its order
PAGES.filters["shown"] = _shown
PAGES.tests["sendable"] = _sendable
PAGES.globals.update({
    "Text": Text, "WORDS": buttons.BUTTONS, "ENDING_TONES": ENDING_TONES,
    "gate_title": _gate_title, "LEVEL_TONES": LEVEL_TONES, "ORIGINS": ORIGINS, "TAKEN_BY": TAKEN_BY, "UNTIL": UNTIL,
    "buttons_of": buttons.buttons_of, "ending": ending, "lasted": _lasted, "level_word": level_word, "standing": standing,
})  # fmt: skip
