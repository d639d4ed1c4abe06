"""Topics, chat, Slack and the dashboard."""
