"""Use case: an event opens an incident or joins an open one."""
