"""Application Load Balancers, target groups and targets."""
