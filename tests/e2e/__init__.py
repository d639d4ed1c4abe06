"""The product deployed for real: its template on a local AWS that enforces IAM, events in, messages out."""
