"""Reports in a storm: which are sent by themselves, which are told together, and the messages that do so.

Items in the ledger's table, by `pk`:
    storm#now            the quarter of an hour that runs: began, told (ids whose first report was sent by itself), and
                         while there is a storm its id and last_at. unclosed: storms without a closing summary
    storm#<id>           began, first (ids that were told by themselves), who sends which message, when it was sent
    storm#<id>#<shard>   entries: what happened to the incidents that are told together (`incidents.storm.Entry`)

Each first report is counted by one conditional write; the set of ids makes it count once however often a step is repeated.
A set of ids has room for `limits.storm_reports`, so a storm of any size makes no item grow but the shards.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime

from ..aws.emf import count
from ..aws.runtime import Runtime
from ..core.errors import RemediatorError, Retryable
from ..core.model import Incident
from ..core.serialization import Json, canonical
from ..core.timestamps import iso
from ..incidents.case import Case
from ..incidents.metrics import STORM_SUMMARIES, Point
from ..incidents.storm import (
    IN_SUMMARY,
    RETOLD_S,
    SENT,
    Entry,
    Kind,
    Member,
    Summary,
    ended,
    entries_of,
    first_of_all,
    has_grown,
    is_over,
    shard_of,
    speaks_for_itself,
    storm_id,
)
from ..ledger.table import ConditionFailed, Table
from . import publish as notify
from .storm_members import members_in, record_in

NOW = "storm#now"
KEPT_S = 7 * 24 * 3600
RACES = 4  # a lost race shows how the storm stands now; more than a few in a row means that something is wrong


class Storms:
    """Sends reports, or keeps them for a summary. A ledger that cannot be reached holds no report back."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._table = Table(runtime)
        self._limits = runtime.settings.limits

    def report(self, case: Case) -> str:
        """Sends the report of `case`, or sees that a summary tells of it: `sent` or `in summary`.

        Repeated, it counts once; what was sent may be sent again, what was kept is kept.

        Raises:
            RemediatorError: SNS refuses; the report was not sent, whoever repeats the step sends it.
        """
        storm = self._storm_of(case)
        loud = speaks_for_itself(case)
        if loud or not storm:
            notify.send(self._runtime, case)
            if storm:
                with suppress(RemediatorError):  # it was told by itself; the summary's figures are the less for it
                    self._keep(storm, *entries_of(case))
            return SENT
        try:
            self._keep(storm, *entries_of(case))
            self._announce(storm, case.incident.id)
        except RemediatorError:
            notify.send(self._runtime, case)  # rather twice than not at all
            return SENT
        return IN_SUMMARY

    def ended(self, incident: Incident, verdict: str) -> None:
        """Tells the storm that `incident` is part of how it ended; nothing where it is part of none."""
        if incident.origin != "event":
            return
        storm = record_in(self._table, incident.id).get("storm")
        if storm:
            self._keep(str(storm), ended(incident.id, verdict))

    # -- which storm ----------------------------------------------------------------------------------------------

    def _storm_of(self, case: Case) -> str:
        """The storm whose summary tells of this incident; empty where it is told by itself, or nobody can say."""
        if case.incident.origin != "event":
            return ""
        try:
            if case.stage == "first":
                return self._counted(case.incident.id)
            record = record_in(self._table, case.incident.id)
            if record.get("storm") or any(n.startswith("told_") for n in record) or not first_of_all(case):
                return str(record.get("storm", ""))
            return self._counted(case.incident.id)
        except RemediatorError:
            return ""

    def _counted(self, incident: str) -> str:
        """Counts the first report of `incident`; the storm that keeps it, empty where it is one of the first."""
        for _ in range(RACES):
            now = int(self._runtime.now().timestamp())
            try:
                self._table.update(
                    NOW,
                    "ADD told :ids",
                    "attribute_not_exists(storm) AND began > :past AND (size(told) < :most OR contains(told, :id))",
                    ids={incident},
                    id=incident,
                    past=now - self._limits.storm_window_s,
                    most=self._limits.storm_reports,
                )
            except ConditionFailed as failed:
                with suppress(ConditionFailed):  # somebody was faster: look again
                    return self._beside(incident, failed.item, now)
                continue
            return ""
        raise Retryable(f"{NOW}: lost {RACES} races")

    def _beside(self, incident: str, item: Json, now: int) -> str:
        """Of a report that is not one of the first of the window that `item` tells of."""
        if incident in item.get("told", ()):
            return ""  # its step is repeated
        if "storm" in item and int(item["last_at"]) > now - self._limits.storm_window_s:
            return self._kept(incident, str(item["storm"]), now)
        if "storm" not in item and item and int(item["began"]) > now - self._limits.storm_window_s:
            return self._kept(incident, self._begun(item, now), now)
        if "storm" in item:  # it ended, and no sweep has closed it yet
            self._table.update(f"storm#{item['storm']}", "SET last_at = :last", last=int(item["last_at"]))
        self._table.update(
            NOW,
            "SET began = :now, told = :ids, last_at = :now REMOVE storm",
            "attribute_not_exists(pk) OR (began = :was AND last_at = :last)",
            now=now,
            ids={incident},
            was=item.get("began", 0),
            last=item.get("last_at", 0),
        )
        return ""

    def _begun(self, item: Json, now: int) -> str:
        """A storm begins: its first reports are those of `item`."""
        storm = storm_id(int(item["began"]))
        self._table.update(
            f"storm#{storm}",
            "SET began = if_not_exists(began, :began), #first = if_not_exists(#first, :first), purge_at = :purge",
            "",
            {"#first": "first"},
            began=int(item["began"]),
            first=set(item["told"]),
            purge=now + KEPT_S,
        )
        self._table.update(
            NOW,
            "SET storm = :storm, last_at = :now ADD unclosed :storms",
            "began = :was AND (attribute_not_exists(storm) OR storm = :storm)",
            storm=storm,
            storms={storm},
            now=now,
            was=item["began"],
        )
        return storm

    def _kept(self, incident: str, storm: str, now: int) -> str:
        self._table.update(NOW, "SET last_at = :now", "storm = :storm", now=now, storm=storm)
        self._table.update(f"incident#{incident}", "SET storm = :storm", "attribute_exists(pk)", storm=storm)
        return storm

    def _keep(self, storm: str, *entries: Entry) -> None:
        self._table.update(
            f"storm#{storm}#{shard_of(entries[0].incident)}",
            "SET purge_at = :purge ADD entries :entries",
            purge=int(self._runtime.now().timestamp()) + KEPT_S,
            entries={canonical(e) for e in entries},
        )

    # -- its messages ---------------------------------------------------------------------------------------------

    def _announce(self, storm: str, by: str) -> None:
        """Sends the one message that says that a storm runs, unless it was sent or somebody is at it."""
        head = self._table.get(f"storm#{storm}") or {}
        if "begins_sent" not in head and self._claimed(storm, "begins", by):
            self._send(storm, head, "begins")

    def look(self) -> Mapping[str, str]:
        """Closes the storms that are over and says how one goes on that has grown: storm -> message, for the log.

        Raises:
            RemediatorError: the ledger or SNS; whoever repeats it goes on.
        """
        now = self._table.get(NOW) or {}
        values = {storm: self._looked(storm, now) for storm in now.get("unclosed", ())}
        return {storm: kind for storm, kind in values.items() if kind}

    def _looked(self, storm: str, now: Json) -> str:
        head = self._table.get(f"storm#{storm}") or {}
        if not head or "over_sent" in head:
            self._table.update(NOW, "DELETE unclosed :storms", storms={storm})
            return ""
        members = members_in(self._table, storm, head)
        last = now["last_at"] if now.get("storm") == storm else head.get("last_at", 0)
        kind = self._due(head, members, int(self._runtime.now().timestamp()) - int(last))
        if kind is None or not self._claimed(storm, kind):
            return ""
        self._send(storm, head, kind, members)
        if kind == "over":
            self._table.update(NOW, "DELETE unclosed :storms", storms={storm})
        return kind

    def _due(self, head: Json, members: tuple[Member, ...], quiet_s: int) -> Kind | None:
        if is_over(members, quiet_s, self._limits.storm_window_s):
            return "over"
        if "begins_sent" not in head:
            return "begins"  # who had to send it has died
        held = sum(not m.alone for m in members)
        return "grows" if has_grown(held, int(head.get("held_told", 0)), self._limits.storm_reports) else None

    def _claimed(self, storm: str, kind: Kind, by: str = "") -> bool:
        """Whether this process is to send that message: nobody else is, or whoever was has died over it.

        Args:
            storm: of which it tells.
            kind: of the message.
            by: the incident whose step sends it: repeated, the step goes on at once.
        """
        now = int(self._runtime.now().timestamp())
        again = "" if kind == "grows" else "attribute_not_exists(#sent) AND "
        names = {"#claim": f"{kind}_claim", "#by": f"{kind}_by"}
        names |= {} if kind == "grows" else {"#sent": f"{kind}_sent"}
        try:
            self._table.update(
                f"storm#{storm}",
                "SET #claim = :now, #by = :by",
                f"{again}(attribute_not_exists(#claim) OR #claim < :stale{' OR #by = :by' if by else ''})",
                names,
                now=now,
                by=by,
                stale=now - RETOLD_S,
            )
        except ConditionFailed:
            return False
        return True

    def _send(self, storm: str, head: Json, kind: Kind, members: tuple[Member, ...] | None = None) -> None:
        found = members_in(self._table, storm, head) if members is None else members
        began = iso(datetime.fromtimestamp(int(head.get("began", 0)), UTC))
        now = self._runtime.now()
        try:
            notify.storm(self._runtime, Summary(storm=storm, kind=kind, began=began, at=iso(now), members=found))
            count(self._runtime, Point(STORM_SUMMARIES, (kind,)))
        except RemediatorError:
            self._table.update(f"storm#{storm}", "REMOVE #claim", "", {"#claim": f"{kind}_claim"})
            raise
        self._table.update(
            f"storm#{storm}",
            "SET #sent = :now, held_told = :held",
            "",
            {"#sent": f"{kind}_sent"},
            now=int(now.timestamp()),
            held=sum(not m.alone for m in found),
        )
