"""One module per channel: blocks to text, JSON or Block Kit within the channel's limits."""
