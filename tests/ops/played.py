"""A scenario of the sandbox, played to its end once, and what is left to look at when its world is gone."""

from dataclasses import dataclass
from typing import Any

from remediator.core.serialization import Json
from remediator.core.settings import Settings
from remediator.reports.channels.sns import Message
from sandbox.eventbridge.events import Delivery
from sandbox.laptop import Laptop
from sandbox.outcome import ended
from sandbox.published import Report
from sandbox.scenarios import Ending, by_name
from sandbox.wire import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """One scenario, as it went; names are those of `Laptop` and its world."""

    story: str
    ending: Ending
    records: tuple[Json, ...]
    reports: tuple[Report, ...]
    requests: tuple[Request, ...]
    writes: tuple[Request, ...]
    dead_letters: tuple[Delivery, ...]
    executions: tuple[str, ...]
    settings: Settings

    @property
    def mails(self) -> list[str]:
        """What each topic but the pager's was told, each as one line."""
        return [" ".join(r.mail.split()) for r in self.reports if r.level != "pager"]

    @property
    def published(self) -> list[Message]:
        """What SNS got, as it got it."""
        return [_message(r.parameters) for r in self.requests if r.operation == "Publish" and not r.error]


def play(story: str) -> Played:
    """Plays the scenario of that name in a world of its own, in which nothing else happens."""
    with Laptop() as laptop:
        by_name(story).play(laptop)
        return Played(
            story=story,
            ending=ended(laptop),
            records=tuple(laptop.records()),
            reports=laptop.reports,
            requests=tuple(laptop.world.requests),
            writes=tuple(laptop.world.writes),
            dead_letters=tuple(laptop.dead_letters),
            executions=tuple(laptop.durable.names),
            settings=laptop.runtime.settings,
        )


def _message(sent: Any) -> Message:
    return Message(
        topic=sent["TopicArn"].rsplit("-", 1)[-1],
        subject=sent.get("Subject", ""),
        message=sent["Message"],
        structured=sent.get("MessageStructure") == "json",
        attributes={k: str(v.get("StringValue", "")) for k, v in sent.get("MessageAttributes", {}).items()},
    )
