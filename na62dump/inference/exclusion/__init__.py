"""Limits over mass and coupling, and what they exclude."""
