"""Row `ecs_task_restarting.application_error`. An essential container ended with an error of its own."""

from ...core.plan import Decision
from ...core.runbook import Cause, Finding, Holds, RuledOut, Setting, writes
from ...core.text import Text
from ...resources.ecs.stops import preconditions, stop_facts, stops_as
from .evidence import Evidence
from .facts import STOPPED, roll_back, with_last_words

ADVICE = Text(
    "Correct the application: the first stack trace says where it fails.",
    "アプリケーションを修正してください。最初のスタックトレースが失敗箇所を示しています。",
)


def holds(e: Evidence, _: Setting) -> Finding:
    """An essential container ended with an error of its own."""
    failed = stops_as(e, "application_error")
    if not failed:
        return RuledOut(
            Text(
                "no container ended with an error of its own",
                "アプリケーション自身のエラーで終了したコンテナはありません",
            )
        )
    facts = list(stop_facts(e, failed))
    if (words := e.last_words.or_none()) and (said := words.trace or words.errors):
        facts.append(e.last_words.fact(Text("last words in " + words.stream, "最後のログ " + words.stream), said[-1]))
    return Holds(tuple(facts), weight=len(failed))


@writes(
    does=Text("tells the first stack trace", "最初のスタックトレースを通知"),
)
def tell(e: Evidence, setting: Setting) -> Decision:
    """The application's own error: a person reads the stack trace."""
    stops = stops_as(e, "application_error")
    wait = preconditions(e, stops, setting)
    return wait or with_last_words(ADVICE, e.last_words.or_none())


CAUSE = Cause(
    id="application_error",
    title=Text("application error", "アプリケーションエラー"),
    holds=holds,
    fixes=(roll_back, tell),
    advice=ADVICE,
    confirm=Text(
        "An essential container ended by itself with an exit code that is neither 0 nor a signal's, and the task's log "
        "stream ends with its error.",
        "必須コンテナが 0 でもシグナルでもない終了コードで自ら終了し、そのタスクのログストリームがエラーで終わっています。",
    ),
    look=(
        *STOPPED,
        "aws logs get-log-events --log-group-name <log-group> --log-stream-name <prefix>/<container>/<task> --limit 200",
        "aws logs filter-log-events --log-group-name <log-group> --filter-pattern ERROR --start-time <milliseconds>",
    ),
)
