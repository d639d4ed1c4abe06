"""What a CloudWatch custom widget shows: HTML without scripts, its colours, its buttons. Pure.

CloudWatch takes scripts out and gives interactivity by `<cwdb-action>`: each tells what a click on the element right before it
calls. The call is made with the credentials of whoever looks at the dashboard.

Source: AWS, CloudWatch User Guide, "Details about custom widgets" and "Interactivity in the custom widget".
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta, timezone
from html import escape
from typing import Any, Literal

from ...core.text import Language, Text
from ...core.timestamps import moment
from ...redaction.redact import outside

SHOWN_CHARS = 200
CONFIRMATION_CHARS = 400
SENT = re.compile(r"[a-z0-9_-]{1,80}")  # ids, references and words: what a button sends needs no escaping
OFFSET = re.compile(r"([+-])(\d{2}):(\d{2})")

# Each text colour has a contrast of at least 4.5 on its background (WCAG 2.1, 1.4.3); a test computes it.
LIGHT = {
    "back": "#ffffff", "text": "#16191f", "quiet": "#545b64", "line": "#d5dbdb", "link": "#0a58a6",
    "good": "#1d6b26", "bad": "#b3261e", "mind": "#8a4b00", "on-link": "#ffffff",
}  # fmt: skip
DARK = {
    "back": "#161d26", "text": "#e9ebed", "quiet": "#b6bec9", "line": "#424e5c", "link": "#89bdee",
    "good": "#7ed08a", "bad": "#ff9c94", "mind": "#f2b759", "on-link": "#161d26",
}  # fmt: skip
# A widget may be narrow on a wide screen, so it asks its own width: lists then stand one value below the other.
_STYLE = """
.rem{{container-type:inline-size;background:{back};color:{text};font:14px/1.45 -apple-system,"Segoe UI","Hiragino Sans","Noto Sans JP",sans-serif;padding:8px}}
.rem h2{{font-size:16px;margin:20px 0 4px}} .rem h2:first-child{{margin-top:0}} .rem p{{margin:4px 0}} .rem cwdb-action{{display:none}}
.rem table{{border-collapse:collapse;width:100%}} .rem table.rem-list{{margin-top:12px}}
.rem th,.rem td{{text-align:left;vertical-align:top;padding:4px 12px 4px 0;border-bottom:1px solid {line};color:{text};overflow-wrap:break-word}} .rem .rem-list td{{overflow-wrap:anywhere}}
.rem th{{color:{quiet};font-weight:600;white-space:nowrap}}
.rem .rem-quiet{{color:{quiet}}} .rem .rem-good{{color:{good}}} .rem .rem-bad{{color:{bad}}} .rem .rem-mind{{color:{mind}}}
.rem .rem-cards{{display:grid;grid-template-columns:repeat(auto-fill,minmax(224px,1fr));gap:12px 16px}}
.rem button{{font:inherit;cursor:pointer;white-space:nowrap;border-radius:4px;margin:2px 4px 2px 0;padding:2px 10px;border:1px solid {link};background:{back};color:{link}}}
.rem button.rem-first{{background:{link};color:{on-link}}}
.rem button.rem-link{{border:0;margin:0;padding:0;text-align:left;text-decoration:underline;white-space:normal}}
.rem button:focus-visible{{outline:2px solid {text};outline-offset:2px}}
@container (min-width:641px){{.rem .rem-whole{{white-space:nowrap}}}}
@container (max-width:640px){{.rem .rem-list thead{{display:none}} .rem .rem-list tr{{display:block;border-bottom:1px solid {line};padding:6px 0}}
.rem .rem-list td{{display:block;border:0;padding:1px 0}}}}
"""
_NO_DEFAULT_STYLES = '<div class="cwdb-no-default-styles"></div>'  # AWS: ours then hold in the console as anywhere else
Tone = Literal["", "good", "bad", "mind", "quiet"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who looks: in which language, on which background, in which zone (`+09:00`)."""

    language: Language = "en"
    dark: bool = False
    offset: str = "+00:00"

    def says(self, text: Text) -> str:
        """The statement in the viewer's language, escaped."""
        return shown(text.in_(self.language))

    def time(self, at: str) -> str:
        """A moment as the viewer's clock shows it, `11-29 10:02`; what is none, as it is."""
        try:
            return moment(at).astimezone(self._zone()).strftime("%m-%d %H:%M")
        except (ValueError, OverflowError):
            return shown(at) or "-"

    def _zone(self) -> timezone:
        found = OFFSET.fullmatch(self.offset)
        if found is None:
            return timezone(timedelta())
        ahead = timedelta(hours=int(found[2]), minutes=int(found[3]))
        return timezone(-ahead if found[1] == "-" else ahead)


def viewer_of(context: Any, otherwise: Language) -> Viewer:
    """Who looks, by the `widgetContext` of CloudWatch; what it does not say is the deployment's language, light, UTC."""
    response: Mapping[str, Any] = context if isinstance(context, Mapping) else {}
    zone = response.get("timezone")
    offset = str(zone.get("offsetISO", "")) if isinstance(zone, Mapping) else ""
    locale = str(response.get("locale", ""))[:2].lower()
    language: Language = "ja" if locale == "ja" else "en" if locale == "en" else otherwise
    within_a_day = OFFSET.fullmatch(offset) and int(offset[1:3]) < 24 and int(offset[4:6]) < 60
    return Viewer(
        language=language, dark=response.get("theme") == "dark", offset=offset if within_a_day else Viewer().offset
    )


def shown(text: str, limit: int = SHOWN_CHARS) -> str:
    """Outside text as HTML: one line, bounded, without secrets, nothing in it is markup."""
    return escape(" ".join(outside(text, limit).split()), quote=True)


def toned(words: str, tone: Tone) -> str:
    """Words that are HTML already, in a colour that never says anything alone."""
    return f'<span class="rem-{tone}">{words}</span>' if tone else words


def whole(words: str) -> str:
    """Words that are HTML already and stay on one line: a moment, a verdict."""
    return f'<span class="rem-whole">{words}</span>'


def button(
    words: str, endpoint: str, call: Mapping[str, str], *, confirmation: str = "", look: str = "", inside: bool = False
) -> str:
    """A button that calls a Lambda function with the viewer's own rights; nothing where it would send more than words.

    Args:
        words: what stands on it, HTML already.
        endpoint: ARN of the function.
        call: what it sends.
        confirmation: asked before, as text; empty: it is only a look.
        look: `first` for the one that is meant, `link` for one that reads as a link.
        inside: the answer takes the widget's place; else it opens above it.
    """
    if not endpoint or not all(SENT.fullmatch(v) for v in (*call, *call.values())):
        return words if look == "link" else ""
    asked = f' confirmation="{shown(confirmation, CONFIRMATION_CHARS)}"' if confirmation else ""
    where = f'action="call" display="{"widget" if inside else "popup"}" endpoint="{escape(endpoint, quote=True)}"'
    style = f' class="rem-{look}"' if look else ""
    return f'<button type="button"{style}>{words}</button><cwdb-action {where}{asked}>{json.dumps(dict(call))}</cwdb-action>'


def panel(viewer: Viewer, *parts: str) -> str:
    """The whole of what one call answers."""
    colours = DARK if viewer.dark else LIGHT
    style = f"<style>{_STYLE.format_map(colours)}</style>"
    return f'{_NO_DEFAULT_STYLES}{style}<div class="rem" lang="{viewer.language}">{"".join(parts)}</div>'


def notice(viewer: Viewer, what: Text, *more: str, tone: Tone = "mind") -> str:
    """One sentence in place of what was asked for."""
    return panel(viewer, f'<p role="status">{toned(viewer.says(what), tone)}</p>', *more)


def now_as_told(viewer: Viewer, at: str) -> str:
    """When the board was read, with the zone of every time on it."""
    zone = "UTC" if viewer.offset == "+00:00" else f"UTC{viewer.offset}"
    return f"{viewer.time(at)} ({zone})"


def is_id(text: str) -> bool:
    """Whether it can be an incident's id."""
    return bool(re.fullmatch(r"[a-z0-9-]{1,63}", text))
