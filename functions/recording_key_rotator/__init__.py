"""Makes and rotates the key pairs that sign recordings' addresses."""
