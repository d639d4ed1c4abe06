"""The right to make one change: cooldown, budgets and lock, taken together in one transaction or not at all.

Items in the ledger's table, by `pk`:
    lock#<workload or arn>   one change at a time; expires by a condition on `expires_at`, never by TTL deletion
    rest#<arn>               no further change of that resource before `until`
    budget#<day>#<what>      changes made on that day (UTC)
    attempts#<runbook>#<arn> how earlier changes ended, as a set of `<at> <verdict> <incident>`
"""

from contextlib import suppress

from ..core.clocks import after, epoch_s
from ..core.gates import BUDGET, COOLDOWN, LOCK, Answer, Attempt, Permit, Refusal
from ..core.model import Change, Incident, Plan
from ..core.plain import Json, canonical
from ..core.text import Text
from .runtime import Runtime
from .table import Cancelled, ConditionFailed, Table, check_step, put_step, update_step

DAY_S = 86400
Step = tuple[Json, Refusal]  # one step of the transaction, and what it means if its condition is not met


class ChangeRight:
    """Who may change what now; a ledger that cannot be reached raises, so nothing is changed."""

    def __init__(self, runtime: Runtime) -> None:
        self._table = Table(runtime)
        self._limits = runtime.settings.limits

    def acquire(self, incident: Incident, plan: Plan, now: str, held_s: int) -> Answer:
        """Takes the right to apply exactly `plan` and writes down that it will be; a Refusal names what is against it.

        An undo that a person started rests and counts against no budget: taking back is never rationed.

        Args:
            incident: whose change it is; a second change of one incident is refused.
            plan: what will be applied.
            now: ISO 8601.
            held_s: the lock is free again after so many seconds even if nobody gives it back.
        """
        rationed = () if incident.origin == "undo" else self._rations(plan, now)
        lock, intend = self._lock(incident, plan, now, held_s), self._intend(incident, plan, now)
        steps = (*rationed, *self._take_back(incident), lock, intend)
        try:
            self._table.transact(*(step for step, _ in steps))
        except Cancelled as cancelled:
            if self._is_ours(incident, plan):
                return Permit(LOCK)  # the step that took it was repeated after a crash
            return next(refusal for (_, refusal), failed in zip(steps, cancelled.failed, strict=True) if failed)
        return Permit(LOCK)

    def release(self, incident: Incident, plan: Plan, now: str) -> None:
        """Gives the lock back and lets the resource rest."""
        until = epoch_s(after(now, self._limits.cooldown_s))
        rest = {"pk": f"rest#{plan.resource.arn}", "until": until, "incident": incident.id, "purge_at": until}
        self._table.put(rest)
        self._unlock(incident, plan)

    def remember(self, incident: Incident, change: Change, verdict: str) -> None:
        """Writes down how a change ended, for the loop breaker. Repeated, it is one attempt all the same."""
        plan, at = change.plan, change.applied_at
        self._table.update(
            _attempts_key(plan),
            "SET purge_at = :purge ADD attempts :told",
            purge=epoch_s(at) + self._limits.strikes_window_s + DAY_S,
            told={f"{at} {verdict} {incident.id}"},
        )

    def attempts(self, plan: Plan) -> tuple[Attempt, ...]:
        """How earlier changes by the plan's runbook on its resource ended."""
        item = self._table.get(_attempts_key(plan)) or {}
        return tuple(Attempt(*str(told).split(" ", 2)) for told in item.get("attempts", ()))

    def give_back(self, incident: Incident, plan: Plan) -> None:
        """Gives the lock back where nothing was changed; what was to be taken back may be taken back again."""
        if incident.origin == "undo":
            with suppress(ConditionFailed):
                self._table.update(
                    f"incident#{incident.of}", "REMOVE taken_back_by", "taken_back_by = :id", id=incident.id
                )
        self._unlock(incident, plan)

    def _unlock(self, incident: Incident, plan: Plan) -> None:
        with suppress(ConditionFailed):  # it had expired; another incident may hold it now
            self._table.delete(lock_key(incident, plan), "incident = :id", id=incident.id)

    def _is_ours(self, incident: Incident, plan: Plan) -> bool:
        record = self._table.get(f"incident#{incident.id}") or {}
        lock = self._table.get(lock_key(incident, plan)) or {}
        intended = record.get("change_state") == "intended" and record.get("plan_hash") == plan.hash
        return intended and lock.get("incident") == incident.id

    def _rations(self, plan: Plan, now: str) -> tuple[Step, ...]:
        arn, limits = plan.resource.arn, self._limits
        rested = check_step(
            f"rest#{arn}", "attribute_not_exists(pk) OR #until <= :now", {"#until": "until"}, now=epoch_s(now)
        )
        return (
            (
                rested,
                _refused(
                    COOLDOWN,
                    f"changed less than {limits.cooldown_s} s ago",
                    f"前回の変更から {limits.cooldown_s} 秒未満です",
                ),
            ),
            _spend(
                f"{now[:10]}#{arn}",
                limits.changes_per_resource_per_day,
                now,
                Text("of this resource", "このリソースへの"),
            ),
            _spend(
                f"{now[:10]}#runbook#{plan.runbook}",
                limits.changes_per_runbook_per_day,
                now,
                Text(f"by {plan.runbook}", f"{plan.runbook} による"),
            ),
        )

    @staticmethod
    def _take_back(incident: Incident) -> tuple[Step, ...]:
        """A change is taken back once: what a person has set since then is theirs."""
        if incident.origin != "undo":
            return ()
        claimed = update_step(
            f"incident#{incident.of}",
            "SET taken_back_by = :id",
            "attribute_not_exists(taken_back_by) AND (attribute_not_exists(undo_state) OR undo_state <> :applied)",
            id=incident.id,
            applied="applied",
        )
        return ((claimed, _refused(LOCK, "that change was taken back already", "その変更はすでに取り消されています")),)

    @staticmethod
    def _lock(incident: Incident, plan: Plan, now: str, held_s: int) -> Step:
        at = epoch_s(now)
        held = {
            "pk": lock_key(incident, plan),
            "incident": incident.id,
            "expires_at": at + held_s,
            "purge_at": at + DAY_S,
        }
        taken = put_step(held, "attribute_not_exists(pk) OR expires_at <= :now", now=at)
        return taken, _refused(
            LOCK, "another change of this workload is in flight", "このワークロードで別の変更が進行中です"
        )

    @staticmethod
    def _intend(incident: Incident, plan: Plan, now: str) -> Step:
        written = update_step(
            f"incident#{incident.id}",
            "SET change_state = :intended, plan_hash = :hash, #plan = :plan, intended_at = :at",
            "attribute_not_exists(change_state)",
            {"#plan": "plan"},
            intended="intended",
            hash=plan.hash,
            plan=canonical(plan),
            at=now,
        )
        return written, _refused(
            LOCK, "this incident has made its one change", "このインシデントではすでに変更を 1 回行いました"
        )


def _refused(gate: str, en: str, ja: str) -> Refusal:
    return Refusal(gate, Text(en, ja))


def _spend(what: str, most: int, now: str, whose: Text) -> Step:
    spent = update_step(
        f"budget#{what}",
        "SET purge_at = :purge ADD used :one",
        "attribute_not_exists(used) OR used < :most",
        one=1,
        most=most,
        purge=epoch_s(now) + 2 * DAY_S,
    )
    return spent, _refused(
        BUDGET, f"{most} changes {whose.en} were made today", f"{whose.ja}変更は本日すでに {most} 回です"
    )


def _attempts_key(plan: Plan) -> str:
    return f"attempts#{plan.runbook}#{plan.resource.arn}"


def lock_key(incident: Incident, plan: Plan) -> str:
    """The workload, where one is known, else the resource that is written to."""
    return f"lock#workload#{incident.workload}" if incident.workload else f"lock#{plan.resource.arn}"
