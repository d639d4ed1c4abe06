"""Events that start `dynamodb_table_undeletable`."""

from ...events.triggers import table_delete_refused

TRIGGERS = (table_delete_refused(),)
