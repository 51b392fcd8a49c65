"""A stub of the platform that plays what was recorded: the pages' own code is what is measured."""
