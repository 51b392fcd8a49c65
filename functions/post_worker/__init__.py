"""Posts what the `posts` queue holds to the viewers' connections."""
