"""CloudTrail records: who changed what, and when."""
