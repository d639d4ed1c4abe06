"""What an engineer runs on a laptop: the `remediator` command and the sandbox."""
