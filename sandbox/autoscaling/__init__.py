"""Application Auto Scaling in the sandbox."""
