"""Recovery procedures that a person starts."""
