"""Couplings of an axion-like particle that follow from others: by loops, and by their definitions.

The Lagrangian is that of arXiv:2201.05170 with gauge couplings in front of the field strengths,

    L = C_VV/Lambda g_V^2 a V Vdual + C_ff/Lambda sum_f d_mu a f gamma^mu gamma5 f,

and g of L = (g/4) a F Fdual and g_bs of L = g_bs d_mu a s gamma^mu P_L b are what formulas take.
"""

from __future__ import annotations

import cmath
import math
from typing import TYPE_CHECKING

from na62dump.errors import ConfigurationError
from na62dump.signal.b_decays import pseudoscalar_width
from na62dump.signal.species import B_PLUS, K
from na62dump.signal.standard import width
from na62dump.units import ENERGY

if TYPE_CHECKING:
    from na62dump.signal.b_decays import BDecays
    from na62dump.signal.standard import Standard


def photon_coupling(alpha: float) -> float:
    """Ratio of g to C/Lambda, a pure number, for C = C_BB + C_WW: 4 e^2 = 16 pi alpha [arXiv:2201.05170, section 2]."""
    return 16 * math.pi * alpha


def top_loop(standard: Standard, *, coefficient: float) -> float:
    """Ratio of g_bs to C_ff/Lambda, a pure number: the top quark and the W boson [arXiv:2012.12272; arXiv:2110.10698].

    Parameters
    ----------
    standard : Standard
        For the elements of the CKM matrix.
    coefficient : float
        k_bs/(V_tb V_ts c_tt), a pure number, with c_tt = 2 C_ff: there L = c_tt/2 d_mu a/f t gamma^mu gamma5 t.

    Returns
    -------
    float
        A pure number.
    """
    return 2 * coefficient * standard.ckm.tb * standard.ckm.ts


def gluon_loop(decays: BDecays, *, branching: float, mass: float) -> float:
    """Ratio of g_bs to C_GG/Lambda, a pure number: what gives B+ -> K+ a its branching ratio [arXiv:2102.04474].

    Parameters
    ----------
    decays : BDecays
        Kaons, the K+ among them.
    branching : float
        Of B+ -> K+ a at f_a = 1 GeV, a pure number, for L = alpha_s/(8 pi f_a) a G Gdual: 1/f_a = 32 pi^2 C_GG/Lambda.
    mass : float, MeV
        Of the particle at which that holds.

    Returns
    -------
    float
        A pure number.

    Raises
    ------
    ConfigurationError
        If that kaon is missing.
    """
    kaon = next((kaon for kaon in decays.kaons if kaon.charged == K), None)
    if kaon is None:
        found = ", ".join(kaon.name for kaon in decays.kaons)
        msg = f"b_decays.toml lists {found} but no kaon with charged = {K}, which fixes the loop of gluons; add it"
        raise ConfigurationError(msg)
    at_one = math.sqrt(branching * width(B_PLUS) / pseudoscalar_width(kaon, mass))
    return 32 * math.pi**2 * at_one * ENERGY["GeV"]


def weak_loop(standard: Standard) -> float:
    """Ratio of g_bs to C_WW/Lambda, a pure number: 3 alpha_W^2 times the sum of V_qb V_qs f(mq^2/mW^2) [arXiv:1611.09355]."""
    ckm, quarks = standard.ckm, standard.quarks
    alpha = standard.weak_coupling**2 / (4 * math.pi)
    elements = ((ckm.ub * ckm.us, quarks.u), (ckm.cb * ckm.cs, quarks.c), (ckm.tb * ckm.ts, quarks.t))
    return 3 * alpha**2 * math.fsum(v * weak_function((quark / standard.mass_w) ** 2) for v, quark in elements)


def weak_function(x: float) -> float:
    """Loop function f(x) = x (1 + x (log x - 1))/(1 - x)^2, a pure number, of x = mq^2/mW^2 [arXiv:1611.09355]."""
    return x * (1 + x * (math.log(x) - 1)) / (1 - x) ** 2


def anomaly(mass: float, fermion: float) -> complex:
    """B1 = 1 - tau f^2 with tau = 4 mf^2/m^2, a pure number: 1 for light fermions, 0 for heavy ones [arXiv:1708.00443, section 3.1].

    Parameters
    ----------
    mass, fermion : float, MeV
        Of the particle and of the fermion in the triangle.

    Returns
    -------
    complex
        A pure number.
    """
    tau = 4 * fermion**2 / mass**2
    if tau >= 1:
        return complex(1 - tau * math.asin(1 / math.sqrt(tau)) ** 2)
    beta = math.sqrt(1 - tau)
    angle = math.pi / 2 + 0.5j * cmath.log((1 + beta) / (1 - beta))
    return 1 - tau * angle**2
