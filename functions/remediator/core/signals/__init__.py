"""Events from AWS to Signals: what is no incident is Ignored, what no runbook can look into is a Notice."""
