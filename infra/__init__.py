"""The stacks, derived from the runbooks. Importing this package chooses the Node that the CDK runs on."""

from .node import choose_node

choose_node()  # before anything imports aws_cdk, which starts Node
