from __future__ import annotations

import pytest

from na62dump.errors import ConfigurationError
from na62dump.inference.counts.projection import check_size, scaled
from na62dump.inference.statistics.inputs import MOST
from tests.inference.scan_samples import counted, signal


@pytest.mark.parametrize("protons", [0.0, 0.5, -1e18, float("nan"), float("inf")])
def test_there_is_a_proton_at_least(protons: float) -> None:
    with pytest.raises(ConfigurationError, match="protons on target: give a finite number, at least 1"):
        scaled(signal(), protons=protons)


def test_too_much_background_is_told_with_search_number_and_option() -> None:
    large = counted(background=0.6 * MOST)
    check_size([counted(background=0.3 * MOST)])
    with pytest.raises(
        ConfigurationError, match=r"^mumu: 6e\+04 .* expected with --protons 1e\+24 at .* 100000 counts"
    ):
        check_size([large, counted("ee")], protons=1e24)
    with pytest.raises(ConfigurationError, match="take tighter requirements"):
        check_size([large])


def test_searches_that_are_too_large_together_are_told() -> None:
    several = [counted(f"s{number}", background=0.09 * MOST) for number in range(10)]
    check_size(several[:5])
    with pytest.raises(ConfigurationError, match=r"^s0 \+ s1 \+ "):
        check_size(several)
