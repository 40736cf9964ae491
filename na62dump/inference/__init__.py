"""What counts say: p-values of observed against expected numbers."""
