"""What an engineer runs on a laptop: the `remediator` command, the guide as documents, measurements."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
