"""AWS calls of a scenario recorded once and replayed for measurements."""
