"""A channel behind the scenes: chat settings, moderators, bans, the log, and following."""
