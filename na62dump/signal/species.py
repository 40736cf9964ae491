"""Particles by name: PDG numbers that several modules use."""

from __future__ import annotations

ELECTRON, MUON, TAU = 11, 13, 15
PHOTON = 22
PI0, PI, ETA, ETAP, ETA_C = 111, 211, 221, 331, 441
RHO0, RHO, OMEGA, PHI, KSTAR = 113, 213, 223, 333, 323
K0, K = 311, 321
D, DS = 411, 431
B_PLUS = 521
PROTON = 2212

LEPTONS = {"e": ELECTRON, "mu": MUON, "tau": TAU}
"""Charged leptons by flavour."""

LEPTON_PAIRS = {"e+ e-": (ELECTRON, "ee"), "mu+ mu-": (MUON, "mumu"), "tau+ tau-": (TAU, None)}
"""The lepton and the simulated final state, by mode of decay."""
