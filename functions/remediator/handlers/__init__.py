"""Lambda entries: parse the event, call one use case, return its answer."""
