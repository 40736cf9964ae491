"""Expected counts of background per region, with their uncertainties: one file per mechanism, one form of answer."""
