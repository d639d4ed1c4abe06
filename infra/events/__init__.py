"""Event rules, schedules and queues."""
