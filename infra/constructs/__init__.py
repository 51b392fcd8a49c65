"""House constructs: each makes one kind of thing the way the product always wants it."""
