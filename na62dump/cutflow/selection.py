"""Requirements as ordered named masks over visible rows."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from na62dump.errors import ConfigurationError, UnknownNameError, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from na62dump.regions import Visible


class Selection:
    """What a search asks of its rows, in the order of its cutflow.

    Parameters
    ----------
    visible : Visible
        Rows that came through the blinding door.
    *groups : mapping of str to bool[row]
        Named requirements; a comparison with an undefined value is false, so such a row fails.

    Raises
    ------
    ConfigurationError
        If a name is given twice, or a requirement is no mask over the rows.
    """

    def __init__(self, visible: Visible, *groups: Mapping[str, NDArray[Any]]) -> None:
        self.visible = visible
        self.masks: dict[str, NDArray[np.bool_]] = {}
        for name, mask in (item for group in groups for item in group.items()):
            if name in self.masks:
                msg = f"the requirement '{name}' is given twice: each needs a name of its own"
                raise ConfigurationError(msg)
            self.masks[name] = _mask(name, mask, n_rows=len(visible.rows))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the requirements, in order."""
        return tuple(self.masks)

    @cached_property
    def failures(self) -> NDArray[np.int64]:
        """Requirements that each row fails: int64[row]."""
        count = np.zeros(len(self.visible.rows), dtype=np.int64)
        for mask in self.masks.values():
            count += ~mask
        return count

    def passed(self) -> NDArray[np.bool_]:
        """Rows that meet every requirement: bool[row]."""
        passed: NDArray[np.bool_] = self.failures == 0
        return passed

    def all_but(self, name: str) -> NDArray[np.bool_]:
        """Rows that meet every requirement but one, whatever they do about that one.

        Parameters
        ----------
        name : str
            The requirement left out.

        Returns
        -------
        bool[row]
            The N-1 mask.

        Raises
        ------
        UnknownNameError
            If no requirement has that name.
        """
        if name not in self.masks:
            msg = f"no requirement is called '{name}'; {nearest(name, self.masks)}"
            raise UnknownNameError(msg)
        others: NDArray[np.bool_] = self.failures == ~self.masks[name]
        return others


def _mask(name: str, mask: object, *, n_rows: int) -> NDArray[np.bool_]:
    if isinstance(mask, np.ndarray) and mask.dtype == np.bool_ and mask.shape == (n_rows,):
        return mask
    found = f"{mask.dtype} of shape {mask.shape}" if isinstance(mask, np.ndarray) else f"a {type(mask).__name__}"
    msg = f"the requirement '{name}' is {found}: it must be one bool for each of {n_rows} rows"
    raise ConfigurationError(msg)
