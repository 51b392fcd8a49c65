"""Turns the tables' changes into events and hands them to whoever posts them."""
