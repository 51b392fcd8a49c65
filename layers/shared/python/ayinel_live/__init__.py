"""Ayinel Live: the domain code that every Lambda function shares."""
