"""The right to make one change: cooldown, budgets and lock, taken together in one transaction or not at all.

Items in the ledger's table, by `pk`:
    lock#<workload or arn>   one change at a time; expires by a condition on `expires_at`, never by TTL deletion
    rest#<arn>               no further change of that resource before `until`; when the last one was made
    budget#<day>#<what>      changes made on that day (UTC)
    attempts#<runbook>#<arn> how earlier changes ended, as a set of `<at> <verdict> <incident>`
    incident#<id>            `taken_back_by`: the one incident by which a person takes its change back
"""

from contextlib import suppress

from ..aws.runtime import Runtime
from ..core.lease import RUNBOOK as HAND_BACK
from ..core.model import Fact, Incident
from ..core.plan import Change, Plan
from ..core.serialization import Json, canonical
from ..core.text import Text
from ..core.timestamps import after, epoch_s
from ..gates.answers import GateAnswer, Refusal
from ..gates.change_limits import LOCKED_BY, daily_limits, in_cooldown, locked, not_locked
from ..gates.gate import resting_on
from ..gates.past_changes import Attempt, PastChanges
from .table import Cancelled, ConditionFailed, Table, check_step, put_step, update_step

DAY_S = 86400
Step = tuple[Json, Refusal]  # one step of the transaction, and what it means if its condition is not met


class ChangeLock:
    """Who may change what now; a ledger that cannot be reached raises, so nothing is changed."""

    def __init__(self, runtime: Runtime) -> None:
        self._table = Table(runtime)
        self._limits = runtime.settings.limits

    def acquire(self, incident: Incident, plan: Plan, now: str, held_s: int) -> GateAnswer:
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
        held = Fact(Text("lock", "ロック"), lock_key(incident, plan), LOCKED_BY, now)
        try:
            self._table.transact(*(step for step, _ in steps))
        except Cancelled as cancelled:
            if self._is_ours(incident, plan):
                return resting_on(locked(), held)  # the step that took it was repeated after a crash
            refusals = (refusal for (_, refusal), failed in zip(steps, cancelled.failed, strict=True) if failed)
            return resting_on(next(refusals), held)
        return resting_on(locked(), held)

    def release(self, incident: Incident, change: Change, now: str) -> None:
        """Gives the lock back and lets the resource rest."""
        plan, until = change.plan, epoch_s(after(now, self._limits.cooldown_s))
        rest = {"pk": _rest_key(plan), "until": until, "incident": incident.id, "purge_at": until + DAY_S}
        self._table.put({**rest, "changed_at": change.applied_at})
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

    def past(self, plan: Plan, now: str, beside: str = "") -> PastChanges:
        """What the ledger knows of earlier changes, read at once; `acquire` alone decides whether there is room.

        Args:
            plan: to be applied.
            now: ISO 8601.
            beside: ARN of the service beside the written resource, where there is one.
        """
        keys = (_attempts_key(plan), _rest_key(plan), *_budget_keys(plan, now))
        found = self._table.get_all(*keys, *([f"rest#{beside}"] if beside else ()))
        result, rest, *used = (found.get(key, {}) for key in keys)
        changed = [str(r["changed_at"]) for r in (rest, found.get(f"rest#{beside}", {})) if "changed_at" in r]
        return PastChanges(
            attempts=tuple(Attempt(*str(one).split(" ", 2)) for one in result.get("attempts", ())),
            in_cooldown=bool(rest) and rest["until"] > epoch_s(now),
            used=tuple(int(u.get("used", 0)) for u in used),
            changed_at=tuple(changed),
        )

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
        rested = check_step(
            _rest_key(plan), "attribute_not_exists(pk) OR #until <= :now", {"#until": "until"}, now=epoch_s(now)
        )
        keyed = zip(_budget_keys(plan, now), daily_limits(plan, self._limits), strict=True)
        return (
            (rested, in_cooldown(self._limits)),
            *((_spend(key, most, now), refusal) for key, (most, refusal) in keyed),
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
        return ((claimed, not_locked("that change was taken back already", "その変更はすでに取り消されています")),)

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
        return taken, not_locked(
            "another change of this workload is in flight", "このワークロードで別の変更が進行中です"
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
        return written, not_locked(
            "this incident has made its one change", "このインシデントではすでに変更を 1 回行いました"
        )


def _spend(key: str, most: int, now: str) -> Json:
    return update_step(
        key,
        "SET purge_at = :purge ADD used :one",
        "attribute_not_exists(used) OR used < :most",
        one=1,
        most=most,
        purge=epoch_s(now) + 2 * DAY_S,
    )


def _rest_key(plan: Plan) -> str:
    return f"rest#{plan.resource.arn}"


def _budget_keys(plan: Plan, now: str) -> tuple[str, str]:
    """Of the resource and of the runbook; hand-backs have a count of their own, so that they take no fix's place."""
    day, own = now[:10], "#leases" if plan.runbook == HAND_BACK else ""
    return f"budget#{day}#{plan.resource.arn}{own}", f"budget#{day}#runbook#{plan.runbook}"


def _attempts_key(plan: Plan) -> str:
    return f"attempts#{plan.runbook}#{plan.resource.arn}"


def lock_key(incident: Incident, plan: Plan) -> str:
    """The workload, where one is known, else the resource that is written to."""
    return f"lock#workload#{incident.workload}" if incident.workload else f"lock#{plan.resource.arn}"
