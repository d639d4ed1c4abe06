"""How an incident becomes part of another one, in the ledger: one trouble that several alarms noticed is one incident.

Attributes of the ledger's items, besides those of `ledger`:
    incident#<id>   joined: the incident that goes on instead. noticed_by: the ids that joined this one.
                    came_back: why nobody took a hand-over. alone: since when it goes on by itself for that
    slot#...        joined, joined_slot: where signals of this problem belong while that incident is open
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from ..aws.runtime import Runtime
from ..core.errors import NotFound, Retryable
from ..core.serialization import Json
from ..incidents.hand_over_rules import MOST_HAND_OVERS
from .table import Cancelled, ConditionFailed, Table, update_step

FOLLOWED = 2 * MOST_HAND_OVERS  # a chain that two hand-overs at once have made is no longer


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Whether another incident goes on in place of one that was handed over.

    Attributes:
        state: `waiting`: nobody has told people yet; `taken`: the other one has; `back`: nobody will.
        by: the incident that goes on, empty where there is none.
        why: nobody will.
    """

    state: Literal["waiting", "taken", "back"]
    by: str = ""
    why: str = ""


class Joining:
    """Conditions make every write safe to race and to repeat; no circle can arise."""

    def __init__(self, runtime: Runtime) -> None:
        self._table = Table(runtime)

    def join(self, noticing: str, goes_on: str) -> None:
        """`noticing` is part of `goes_on` from now on, and signals of its problem follow.

        Nothing is written where it has joined one already, or goes on by itself.

        Raises:
            Retryable: `goes_on` has itself become part of another one meanwhile; who asks again learns of which.
        """
        one, other = self._table.get(_key(noticing)), self._record(goes_on)
        if one is None or "joined" in one or "alone" in one:
            return
        steps = (
            update_step(
                _key(noticing),
                "SET joined = :to",
                "attribute_exists(pk) AND attribute_not_exists(joined) AND attribute_not_exists(alone)",
                to=goes_on,
            ),
            update_step(
                _key(goes_on),
                "ADD noticed_by :from",
                "attribute_exists(pk) AND attribute_not_exists(joined)",
                **{"from": {noticing}},
            ),
        )
        pointer = update_step(
            one["slot"],
            "SET joined = :to, joined_slot = :slot",
            "incident = :id",
            to=goes_on,
            slot=other["slot"],
            id=noticing,
        )
        try:
            self._table.transact(*steps, pointer)
        except Cancelled as cancelled:
            if cancelled.failed == (False, False, True):  # the slot is a later incident's: only the records are joined
                self._table.transact(*steps)
                return
            raise Retryable(
                f"{noticing} could not join {goes_on}: one of them has just been handed over"
            ) from cancelled

    def send_back(self, noticing: str, why: str) -> None:
        """Nobody takes over what `noticing` has handed over."""
        with suppress(ConditionFailed):  # there is no such incident: somebody else's message
            self._table.update(_key(noticing), "SET came_back = :why", "attribute_exists(pk)", why=why)

    def taken(self, noticing: str) -> Taken:
        """Whether people have been told by the incident that `noticing` is part of now."""
        own = self._record(noticing)
        if "came_back" in own:
            return Taken(state="back", why=str(own["came_back"]))
        last = self._last(own)
        if last is own:
            return Taken(state="waiting")
        by = str(last["pk"]).removeprefix("incident#")
        if any(name.startswith("told_") for name in last):
            return Taken(state="taken", by=by)
        if last["state"] == "closed":
            return Taken(state="back", by=by, why=f"{by} ended without a report ({last.get('verdict', '')})")
        return Taken(state="waiting", by=by)

    def go_alone(self, noticing: str, at: str) -> None:
        """It is part of no other incident any more, and none can take it from now on.

        Raises:
            Retryable: it has joined one at this very moment; whoever repeats it takes that back too.
        """
        own = self._record(noticing)
        if "joined" in own:
            left = update_step(
                _key(noticing), "SET alone = :at REMOVE joined", "joined = :was", at=at, was=own["joined"]
            )
            steps = [left, update_step(_key(own["joined"]), "DELETE noticed_by :from", **{"from": {noticing}})]
        else:
            steps = [update_step(_key(noticing), "SET alone = :at", "attribute_not_exists(joined)", at=at)]
        pointer = update_step(own["slot"], "REMOVE joined, joined_slot", "incident = :id", id=noticing)
        try:
            self._table.transact(*steps, pointer)
        except Cancelled as cancelled:
            if cancelled.failed[0]:
                raise Retryable(f"{noticing} has joined another incident just now") from cancelled
            self._table.transact(*steps)  # the slot is a later incident's

    def end_of(self, incident: str) -> str:
        """The incident that goes on in the end for `incident`: itself where it joined none."""
        return str(self._last(self._record(incident))["pk"]).removeprefix("incident#")

    def _last(self, record: Json) -> Json:
        for _ in range(FOLLOWED):
            if "joined" not in record:
                return record
            record = self._record(str(record["joined"]))
        return record

    def _record(self, incident: str) -> Json:
        record = self._table.get(_key(incident))
        if record is None:
            raise NotFound(f"no incident {incident} in the ledger")
        return record


def pointed(slot: Mapping[str, Any]) -> tuple[str, str] | None:
    """The incident that signals of this slot belong to, and that one's own slot; None where they stay here."""
    if "joined" not in slot:
        return None
    return str(slot["joined"]), str(slot["joined_slot"])


def _key(incident: str) -> str:
    return f"incident#{incident}"
