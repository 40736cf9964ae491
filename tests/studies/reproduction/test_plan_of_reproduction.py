"""What config/reproduce.toml has to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from na62dump import configuration as conf
from na62dump.errors import ConfigurationError
from na62dump.inference.published import load_hadronic
from na62dump.studies.reproduction.counted import NONE, published_of
from na62dump.studies.reproduction.settings import Plan, plan

if TYPE_CHECKING:
    from pathlib import Path


def test_a_search_without_mechanism_is_refused(tmp_path: Path) -> None:
    shipped = conf.find("reproduce").read_text()
    path = tmp_path / "reproduce.toml"
    path.write_text("".join(line for line in shipped.splitlines(keepends=True) if not line.startswith("gg = ")))
    with pytest.raises(ConfigurationError, match=r"\[background\] names no mechanism of gg"):
        conf.load(path, Plan)


def test_every_published_final_state_has_a_model_independent_limit() -> None:
    (study,) = [study for study in plan().study if study.model == "alp_independent"]
    assert {"mumu", "ee", *(channel.final_state for channel in load_hadronic().channel)} == set(study.searches)
    assert all(published_of(search) is not NONE for search in study.searches)
