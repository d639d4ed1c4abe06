"""Events that start `lease_hand_back`: none of AWS's. Its one-off schedule names it."""

from ...core.runbook import Trigger

TRIGGERS: tuple[Trigger, ...] = ()
