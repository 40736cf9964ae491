"""Limits as a statistical model: what pyhf and cabinetry make of it."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import cabinetry
import numpy as np
import pyhf
import pytest
from scipy.optimize import brentq
from scipy.special import gammaincc

from na62dump.errors import ConfigurationError
from na62dump.inference.export import extra
from na62dump.inference.export.workspace import NO_RECORD, files, patchset, point, strength, workspace
from tests.inference.exported import COUPLINGS, MASSES, RELATIVE, STATISTICAL, limits

if TYPE_CHECKING:
    from pathlib import Path

LIMITS = limits()
QUIET = pytest.mark.filterwarnings("ignore:jsonschema.RefResolver is deprecated:DeprecationWarning")
pytestmark = QUIET


def samples(made: dict[str, Any], channel: str) -> dict[str, Any]:
    (found,) = (each for each in made["channels"] if each["name"] == channel)
    return {sample["name"]: sample for sample in found["samples"]}


def test_numbers_are_those_of_the_limits() -> None:
    made = workspace(LIMITS, mass=411.0, coupling=COUPLINGS[10])
    assert [each["name"] for each in made["channels"]] == ["mumu", "ee"]
    assert made["observations"] == [{"name": "mumu", "data": [1.0]}, {"name": "ee", "data": [0.0]}]
    found = samples(made, "mumu")
    assert found["signal"]["data"] == [LIMITS.scans[0].events[2, 10]]
    assert found["mumu_combinatorial"]["data"] == [pytest.approx(0.012)]
    assert found["mumu_prompt"]["data"] == [pytest.approx(0.004)]
    names = [each["name"] for each in found["signal"]["modifiers"]]
    assert names == ["mu", "protons", "mumu_signal_statistical"]


def test_uncertainties_are_log_normal_with_the_standard_deviation_of_the_limits() -> None:
    for sample, relative in (("mumu_prompt", 1.0), ("mumu_combinatorial", 0.1)):
        (factor,) = samples(workspace(LIMITS, mass=411.0), "mumu")[sample]["modifiers"]
        spread = np.log(factor["data"]["hi"])
        assert np.sqrt(np.expm1(spread**2)) == pytest.approx(relative)
        assert factor["data"]["lo"] * factor["data"]["hi"] == pytest.approx(1.0)
    modifiers = samples(workspace(LIMITS), "ee")["signal"]["modifiers"]
    widths = [np.sqrt(np.expm1(np.log(each["data"]["hi"]) ** 2)) for each in modifiers[1:]]
    assert widths == pytest.approx([0.2, STATISTICAL])


def test_no_expectation_is_ever_negative() -> None:
    model = pyhf.Workspace(workspace(LIMITS, mass=250.0)).model()
    for shift in (-5.0, -1.0, -0.5, 0.5, 5.0):
        pars = [0.0 if name == "mu" else shift for name in model.config.par_order]
        assert (model.expected_actualdata(pars) > 0).all()


def test_without_expectation_but_uncertain_is_half_a_gaussian() -> None:
    scan = LIMITS.scans[0]
    counted = replace(scan.counting, by_mechanism=0 * scan.counting.by_mechanism)
    given = replace(LIMITS, scans=(replace(scan, counting=counted), *LIMITS.scans[1:]))
    found = samples(workspace(given, mass=411.0), "mumu")["mumu_prompt"]
    draws = np.abs(np.random.default_rng(1).normal(0, counted.by_uncertainty[1, 2], 100_000))
    assert found["data"] == [pytest.approx(draws.mean(), rel=0.01)]
    width = np.log(found["modifiers"][0]["data"]["hi"])
    assert np.sqrt(np.expm1(width**2)) == pytest.approx(draws.std() / draws.mean(), rel=0.02)


def test_the_default_point_is_at_the_limit_where_every_search_expects_signal() -> None:
    at = point(LIMITS)
    distance = np.abs(np.log(np.maximum(strength(LIMITS.scans[-1])[at.mass], 1e-300)))
    assert at.coupling == distance.argmin()
    assert all(scan.events[at] > 0 for scan in LIMITS.scans)
    near = point(LIMITS, mass=409.0, coupling=1.02 * COUPLINGS[7])
    assert near == (2, 7)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"mass": 700.0}, "mass = 700 MeV is outside of the limits; they are from 100 to 500 MeV"),
        ({"coupling": 1e-3}, "epsilon = 0.001 is outside of the limits; they are from 1e-08 to 0.0001"),
    ],
)
def test_points_outside_of_the_grid_are_refused(asked: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        workspace(LIMITS, **asked)


def test_limits_without_signal_have_no_workspace() -> None:
    nothing = tuple(replace(scan, events=0 * scan.events) for scan in LIMITS.scans)
    with pytest.raises(ConfigurationError, match="nothing to export"):
        workspace(replace(LIMITS, scans=nothing))


def test_there_is_a_patch_for_every_mass_with_signal() -> None:
    base, made = workspace(LIMITS), patchset(LIMITS)
    patches = pyhf.PatchSet(made)
    assert made["metadata"]["references"] == {"hepdata": NO_RECORD}
    assert [patch.values[0] for patch in patches] == MASSES.tolist()
    for patch in patches:
        mass, coupling = patch.values
        applied = patches.apply(base, patch.name)
        assert dict(applied) == workspace(LIMITS, mass=mass, coupling=coupling)
        model = applied.model()
        assert np.isfinite(model.logpdf(model.config.suggested_init(), applied.data(model))).all()
    without = tuple(replace(scan, events=scan.events * (MASSES > 200)[:, None]) for scan in LIMITS.scans)
    assert len(patchset(replace(LIMITS, scans=without))["patches"]) == len(MASSES) - 1


def test_patches_belong_to_one_workspace() -> None:
    base = workspace(LIMITS, mass=500.0)
    with pytest.raises(pyhf.exceptions.PatchSetVerificationError):
        pyhf.PatchSet(patchset(LIMITS)).apply(base, "mass_411_MeV")


def test_files_are_read_back_and_equal_when_made_twice() -> None:
    made = files(LIMITS)
    assert made == files(LIMITS)
    base = json.loads(made["workspace.json"])
    assert pyhf.PatchSet(json.loads(made["patchset.json"])).apply(base, "mass_250_MeV")
    assert b"pseudo-experiments" in made["patchset.json"]


def test_what_is_hidden_is_not_exported() -> None:
    hidden = limits(hidden=("mumu",), background=5.0)
    made = workspace(hidden, mass=411.0)
    assert made["observations"][0] == {"name": "mumu", "data": [5.0]}
    assert "nothing observed: mumu" in made["measurements"][0]["name"]
    changed = replace(hidden.scans[0].counting, keys=np.ones((1, 3), dtype=np.int64), seen=np.full((1, 1), 411.0))
    other = replace(hidden, scans=(replace(hidden.scans[0], counting=changed), *hidden.scans[1:]))
    assert files(other) == files(hidden)
    assert "nothing observed" not in workspace(LIMITS)["measurements"][0]["name"]


def test_a_projection_says_so() -> None:
    name = workspace(replace(LIMITS, protons=1e18, projected=1.4e17))["measurements"][0]["name"]
    assert "1e+18 protons; projected from 1.4e+17" in name


@pytest.mark.parametrize("mass", [250.0, 411.0])
def test_cls_of_the_model_is_that_of_our_limit(mass: float) -> None:
    """One search; the density of pyhf, averaged over its nuisance parameters with the count as the statistic."""
    scan = LIMITS.scans[0]
    one = replace(LIMITS, scans=(scan,))
    made = workspace(one, mass=mass)
    model = pyhf.Workspace(made).model()
    at = point(one, mass=mass)
    observed = int(made["observations"][0]["data"][0])
    nodes, weights = np.polynomial.hermite_e.hermegauss(7)
    free = [name for name in model.config.par_order if name != "mu"]
    places = list(itertools.product(range(len(nodes)), repeat=len(free)))
    shares = np.array([weights[list(each)].prod() for each in places])

    def rates(mu: float) -> Any:  # noqa: ANN401
        values = (dict(zip(free, nodes[list(each)], strict=True)) | {"mu": mu} for each in places)
        return np.array(
            [model.expected_actualdata([value[name] for name in model.config.par_order])[0] for value in values]
        )

    without, signal = rates(0.0), rates(1.0) - rates(0.0)

    def at_most(mu: float) -> float:
        return float(shares @ gammaincc(observed + 1, without + mu * signal))

    background = at_most(0.0)
    upper = brentq(lambda mu: at_most(mu) / background - 0.1, 0.0, 20 / float(scan.events[at]), rtol=1e-4)
    ours = scan.observed
    assert ours is not None
    # The factor of the workspace has the median 1, ours the mean 1; and a log-normal density is no gamma density.
    assert upper * scan.events[at] == pytest.approx(ours[at], rel=0.03)
    assert pytest.approx(0.2236, abs=1e-4) == RELATIVE


def test_pseudo_experiments_of_pyhf_exclude_what_we_exclude() -> None:
    """One event on 0.016, limit 3.874, without uncertainties, where profiling and averaging are the same; 200 pseudo-experiments know CLs to 0.02."""
    one = replace(LIMITS, scans=LIMITS.scans[:1])
    made = pyhf.Workspace(workspace(one, mass=411.0))
    model = made.prune(modifiers=[name for name, kind in made.modifiers if kind == "normsys"]).model()
    mu = 3.874 / float(one.scans[0].events[point(one, mass=411.0)])
    state = np.random.get_state()  # noqa: NPY002 - pyhf draws from the generator of all
    np.random.seed(62)  # noqa: NPY002
    calculator = pyhf.infer.calculators.ToyCalculator([1.0], model, ntoys=200, track_progress=False)
    both, alone = calculator.distributions(mu)
    np.random.set_state(state)  # noqa: NPY002
    statistic = calculator.teststatistic(mu)
    assert float(both.pvalue(statistic) / alone.pvalue(statistic)) == pytest.approx(0.1, abs=0.045)


def test_cabinetry_fits_it() -> None:
    made = workspace(limits(background=4.0), mass=411.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model, data = cabinetry.model_utils.model_and_data(made)
        result = cabinetry.fit.fit(model, data)
    assert result.labels[0] == "mu"
    assert np.isfinite(result.bestfit).all()
    assert np.isfinite(result.best_twice_nll)
    prediction = cabinetry.model_utils.prediction(model, fit_results=result)
    assert np.shape(prediction.model_yields[0])[-1] == 1


def test_a_missing_library_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extra, "LIBRARIES", ("pyhf", "no_such_library"))
    message = r"no_such_library is missing; install the extra: pip install 'na62dump\[export\]'"
    with pytest.raises(ConfigurationError, match=message):
        extra.require()
    with pytest.raises(ConfigurationError, match=message):
        extra.library("no_such_library")


def test_a_broken_library_is_told_before_the_work(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "broken_library.py").write_text("import os\nos.no_such_thing")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(extra, "LIBRARIES", ("broken_library",))
    with pytest.raises(ConfigurationError, match=r"broken_library cannot be imported \(module 'os' has no attribute"):
        extra.require()


def test_libraries_are_imported_only_when_needed() -> None:
    names = "{'pyhf', 'hepdata_lib', 'hepdata_validator'}"
    code = f"import sys, na62dump.inference.export.workspace, na62dump.inference.export.hepdata; sys.exit(bool({names} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", code], check=True)
