"""Fan-out: from a table's change to an event, from events to frames, from frames to sockets."""
