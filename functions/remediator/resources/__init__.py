"""AWS by service: values, meaning of codes, readers, plans."""
