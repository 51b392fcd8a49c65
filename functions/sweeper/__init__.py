"""Closes connections that went without saying so."""
