"""What functions tell of themselves."""
