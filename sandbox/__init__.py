"""The guide's portfolio on moto, with faults that a fix really ends."""
