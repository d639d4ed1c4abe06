"""Amazon EventBridge Scheduler in the sandbox."""
