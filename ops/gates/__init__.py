"""Why an incident was or was not acted on: each gate in order, its answer, the fact, and where it was read."""
