"""History: what is kept of ended streams in PostgreSQL."""
