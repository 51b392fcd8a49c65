"""Changes of the Streams table, told to the platform's bus and to the history."""
