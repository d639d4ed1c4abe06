"""The commands of `remediator`, one module each."""
