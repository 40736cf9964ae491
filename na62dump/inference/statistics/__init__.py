"""Probabilities of counts: p-values, upper limits, their coverage."""
