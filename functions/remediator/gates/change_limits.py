"""Names of the limits that the change lock enforces: cooldown, daily budget, one change at a time."""

BUDGET = "budget"


COOLDOWN = "cooldown"


LOCK = "lock"
