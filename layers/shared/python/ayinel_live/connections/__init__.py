"""Connections: the open sockets, where they are found, and the frames that go through them."""
