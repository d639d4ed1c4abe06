"""Who looks at a dashboard: the language, the colours and the clock of what is shown. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta, timezone
from typing import Any

from ...core.text import Language
from ...core.timestamps import moment

OFFSET = re.compile(r"([+-])(\d{2}):(\d{2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who looks: in which language, on which background, in which zone (`+09:00`)."""

    language: Language = "en"
    dark: bool = False
    offset: str = "+00:00"

    def time(self, at: str) -> str:
        """A moment as the viewer's clock shows it, `11-29 10:02`; what is none, as it is."""
        try:
            return moment(at).astimezone(self._zone()).strftime("%m-%d %H:%M")
        except (ValueError, OverflowError):
            return at or "-"

    @property
    def zone(self) -> str:
        """The zone of every time that is shown."""
        return "UTC" if self.offset == "+00:00" else f"UTC{self.offset}"

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
