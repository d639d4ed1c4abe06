"""Text from outside made fit to be stored and shown."""
