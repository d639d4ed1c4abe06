"""Application Auto Scaling: scalable targets."""
