"""Lambda entry: the ledger on a CloudWatch dashboard. It reads, and answers with HTML; its buttons call the approve function.

Source: AWS, CloudWatch User Guide, "Creating a custom widget for a CloudWatch dashboard".
"""

from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools import Logger

from ..aws.runtime import Runtime, current, prepare
from ..core.errors import NotFound, RemediatorError
from ..core.serialization import Json
from ..core.settings import Settings
from ..core.text import Language, Text
from ..core.timestamps import iso
from ..ledger.incidents import Ledger
from ..reports.dashboard.board import board_of, since
from ..reports.dashboard.incident_row import ATTRIBUTES, is_named, line_of
from ..reports.dashboard.viewer import Viewer, viewer_of
from ..reports.dashboard.widget_html import board_html, buttons_html, compile_templates, is_id, notice

prepare("dynamodb")
compile_templates()
DOCUMENTATION = """\
## Remediator: the ledger
Open incidents, what waits for a person, and the figures of the last seven days, as the ledger of the remediator has them.

**Buttons** (approve, refuse, hold, I have it, undo) ask for confirmation, then call the function `remediator-approve` with
your own credentials: you need `lambda:InvokeFunction` on it. To look, `lambda:InvokeFunction` on `remediator-widget` is enough.

**Parameters**

| name | value |
|---|---|
| `incident` | id of one incident: its page is shown in place of the board |
"""
NO_SUCH = Text("There is no such incident in the ledger.", "台帳に該当するインシデントはありません。")
NOT_READ = Text(
    "The ledger cannot be read just now. Reload in a moment; if it stays so, the log of remediator-widget says why.",
    "現在、台帳を読み取れません。しばらくしてから再読み込みしてください。続く場合は remediator-widget のログを確認してください。",
)
NOT_SHOWN = Text(
    "This cannot be shown. The log of remediator-widget says why; `remediator incidents` shows the same at a terminal.",
    "表示できません。原因は remediator-widget のログを確認してください。端末では remediator incidents で同じ内容を確認できます。",
)
Page = Callable[[Json, Settings, Language], str]

logger = Logger(service="remediator")


def handle(event: Mapping[str, Any], context: Any) -> str:
    """The board as HTML; with `incident` the page of that one; with `describe` what the widget is, in Markdown.

    Whatever goes wrong is told in a sentence for people, and in full in the function's log.
    """
    if event.get("describe"):
        return DOCUMENTATION
    viewer = viewer_of(event.get("widgetContext"), "en")
    try:
        runtime = current()
        viewer = viewer_of(event.get("widgetContext"), runtime.settings.language)
        return Widget(runtime, viewer, str(context.invoked_function_arn)).shown(event)
    except NotFound:
        return notice(viewer, NO_SUCH)
    except RemediatorError:
        logger.exception("the ledger was not read")
        return notice(viewer, NOT_READ, tone="bad")
    except Exception:
        logger.exception("not shown")
        return notice(viewer, NOT_SHOWN, tone="bad")


def incident_html(record: Json, settings: Settings, language: Language) -> str:
    """The page of one incident, to stand within another one's HTML."""
    from ..incidents.record import record_of  # noqa: PLC0415  # the board needs no report
    from ..reports.page.page import incident_page  # noqa: PLC0415  # the board needs no report

    return str(incident_page(record_of(record), settings, language, bare=True))


class Widget:
    """What one viewer asks for.

    Args:
        here: ARN of this function, which the board's links call.
        page: makes an incident's page of its record.
    """

    def __init__(self, runtime: Runtime, viewer: Viewer, here: str, page: Page = incident_html) -> None:
        self._runtime = runtime
        self._viewer = viewer
        self._here = here
        self._page = page

    def shown(self, event: Mapping[str, Any]) -> str:
        """HTML.

        Raises:
            NotFound: an incident that there is not.
            RemediatorError: the ledger could not be read.
        """
        if "incident" in event:
            return self._incident(str(event["incident"]))
        return self._board()

    def _board(self) -> str:
        now = iso(self._runtime.now())
        records, whole = Ledger(self._runtime).since(since(now), ATTRIBUTES)
        board = board_of(records, now, whole=whole)
        return board_html(board, self._viewer, here=self._here, desk=self._desk)

    def _incident(self, incident: str) -> str:
        if not is_id(incident):
            raise NotFound("that is no incident's id")
        record = Ledger(self._runtime).load(incident)
        line = line_of(record, iso(self._runtime.now())) if is_named(record) else None
        page = self._page(record, self._runtime.settings, self._viewer.language)
        return buttons_html(line, self._viewer, self._desk) + page

    @property
    def _desk(self) -> str:
        return self._runtime.environment.approve_function
