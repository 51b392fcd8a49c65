"""Identity: who is calling - tokens, tickets and viewer ids."""
