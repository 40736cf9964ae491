"""Searches: one file each, which reads like the list of requirements in its paper; the numbers are in config/."""
