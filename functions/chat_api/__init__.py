"""The chat over HTTP: tickets, history, removal and the held queue."""
