"""Limits for other programs."""
