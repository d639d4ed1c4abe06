"""Amazon EventBridge in the sandbox."""
