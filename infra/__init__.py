"""The stacks, derived from the runbooks. Importing this package chooses the Node that the CDK runs on."""

from pathlib import Path

from .node import choose_node

ROOT = Path(__file__).parents[1]
choose_node()  # before anything imports aws_cdk, which starts Node
