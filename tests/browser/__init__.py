"""What people see in a browser, in a browser."""
