"""Rotates the secrets that the functions share, and has CloudFront show the new one."""
