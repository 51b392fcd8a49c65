"""Once a minute: the provider against the table."""
