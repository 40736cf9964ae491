"""Signal and counts made by formula: a region between two edges, as a search for long-lived particles has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from na62dump.inference.counts.counting import Counting
from na62dump.inference.settings import Inference, settings
from na62dump.signal.residuals import WIDTHS
from na62dump.signal.yields import Expected, Part

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

MASSES = np.linspace(220.0, 800.0, 30)
COUPLINGS = np.geomspace(1e-8, 1e-4, 61)


def numbers(
    scale: float = 300.0, *, masses: NDArray[np.float64] = MASSES, couplings: NDArray[np.float64] = COUPLINGS
) -> NDArray[np.float64]:
    """Made with the square of the coupling, decayed too early if it is large: float64[m, c], pure numbers."""
    decay = (couplings / 1e-6) ** 2 * (masses / 300)[:, None] ** 2
    return np.asarray(scale * np.clip(1 - masses / 700, 0, None)[:, None] ** 2 * decay**2 * np.exp(-decay))


def signal(
    events: Mapping[str, NDArray[np.float64]] | None = None,
    *,
    masses: NDArray[np.float64] = MASSES,
    couplings: NDArray[np.float64] = COUPLINGS,
    error: float = 0.05,
    **changes: Any,  # noqa: ANN401 - any field
) -> Expected:
    """Expected numbers float64[m, c], pure numbers, of each search in SR, with a statistical error."""
    given = events if events is not None else {"mumu": numbers(masses=masses, couplings=couplings)}
    values = np.array(list(given.values()))
    fields: dict[str, Any] = {
        "model": "toy",
        "label": "$A'$",
        "coupling": {"name": "epsilon", "label": r"$\varepsilon$", "unit": "1"},
        "digests": {"model": "0"} | {f"analysis {name}": name for name in given},
        "protons": 1.4e17,
        "protons_uncertainty": 0.2,
        "masses": masses,
        "couplings": couplings,
        "parts": tuple(Part(name, "eta decay", name, "SR") for name in given),
        "events": values,
        "statistical": error * values,
        "residuals": np.tile(2.0 * np.array(WIDTHS), (len(given), len(masses), 1)),
        "uncertainties": {"eta decay": {"mesons": 0.3}},
        "uncovered": (),
    }
    return Expected(**fields | changes)


def counted(
    name: str = "mumu",
    *,
    masses: NDArray[np.float64] = MASSES,
    background: float = 0.016,
    observed: int | None = 0,
    share: float = 1.0,
    event: int = 1,
) -> Counting:
    """A search that counts the same number at all masses."""
    flat = np.ones(len(masses))
    number = observed or 0
    return Counting(
        name=name,
        searches=(name,),
        regions=("SR",),
        masses=masses,
        windows=np.tile([-np.inf, np.inf], (len(masses), 1, 1)),
        shares=share * flat[:, None],
        expected=background * flat,
        uncertainty=0.13 * background * flat,
        mechanisms=(f"{name} combinatorial",),
        by_mechanism=background * flat[None],
        by_uncertainty=0.13 * background * flat[None],
        limited=(),
        keys=np.array([[1, 1, event + place] for place in range(number)], dtype=np.int64).reshape(-1, 3),
        seen=np.full((number, 1), 411.0),
        observed=None if observed is None else np.full(len(masses), observed),
        remarks=(),
    )


def with_settings(**changes: Any) -> Inference:  # noqa: ANN401 - any field
    """Those of config/inference.toml, but for some."""
    return settings().model_copy(update=changes)
