"""The mumu selection of benchmarks/selection.py as a chain of RDataFrame in Python, with functions compiled by its JIT.

The formulas, the order of their operations and the roundings to float32 are those of na62dump, so that the cutflows are
equal row by row; every number comes from the loaded analysis and its plan. Lengths are in mm, times in ns, momenta in
MeV/c.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import warnings
from functools import cache
from typing import TYPE_CHECKING, Any

from na62dump.events import H2, TREE
from na62dump.reconstruction.lines import PARALLEL
from na62dump.regions import Box

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from na62dump.datasets import Plan
    from na62dump.geometry import Tiles
    from na62dump.processor import Processor
    from na62dump.regions import Plane

OPTIMISATION = "-O3"
"""What the JIT is asked for when ROOT is imported: its default is slower. The environment variable goes first."""

TYPES = r"""
using ROOT::RVec;
using Floats = RVec<float>;

struct Point { double x, y; };
struct Tiles { int rows, columns; double pitch_x, pitch_y; const short* raster; const double *half_x, *half_y; };
struct Approach { double s, t, x, y, z; };
struct Pair { int plus, minus; double cda, vertex_z, cda_tax, z_tax, dt, straw1_separation; };
"""

FUNCTIONS = r"""
double through_magnet(double start, double before, double after, double z) {
  if (z <= magnet_z) return start + before * (z - reference_z);
  return start + before * (magnet_z - reference_z) + after * (z - magnet_z);
}

RVec<Point> at(double z, const Floats& x, const Floats& y, const Floats& dx, const Floats& dy, const Floats& dx2,
               const Floats& dy2) {
  RVec<Point> points(x.size());
  for (std::size_t i = 0; i < x.size(); ++i)
    points[i] = {through_magnet(x[i], dx[i], dx2[i], z), through_magnet(y[i], dy[i], dy2[i], z)};
  return points;
}

bool in_annulus(Point p, double r_min, double r_max) {
  const double r2 = p.x * p.x + p.y * p.y;
  return r_min * r_min < r2 && r2 < r_max * r_max;
}

bool in_square(Point p, double r_min, double half_side) {
  return std::abs(p.x) < half_side && std::abs(p.y) < half_side && p.x * p.x + p.y * p.y > r_min * r_min;
}

bool in_octagon(Point p, double r_min, double apothem) {
  const double diagonal = (std::abs(p.x) + std::abs(p.y)) / std::sqrt(2.0);
  return diagonal < apothem && in_square(p, r_min, apothem);
}

bool in_chamber(Point p, double r_max, double hole_x, double half_width) {
  if (p.x * p.x + p.y * p.y >= r_max * r_max) return false;
  const double dx = p.x - hole_x, y = p.y;
  if (dx * dx + y * y <= half_width * half_width) return false;
  return (std::abs(dx) > half_width) + (std::abs(y) > half_width) + (std::abs(dx + y) / std::sqrt(2.0) > half_width)
    + (std::abs(dx - y) / std::sqrt(2.0) > half_width) >= 2;
}

RVec<bool> in_straw(const Floats& x, const Floats& y, const Floats& dx, const Floats& dy, const Floats& dx2,
                    const Floats& dy2) {
  RVec<bool> inside(x.size(), true);
  for (std::size_t i = 0; i < x.size(); ++i)
    for (const auto& c : straw) {
      const Point p{through_magnet(x[i], dx[i], dx2[i], c[0]), through_magnet(y[i], dy[i], dy2[i], c[0])};
      if (!in_chamber(p, c[1], c[2], c[3])) { inside[i] = false; break; }
    }
  return inside;
}

RVec<float> nearest_energy(const RVec<Point>& points, const Floats& track_time, const Floats& x, const Floats& y,
                           const Floats& energy, const Floats& time) {
  RVec<float> nearest(points.size(), 0.f);
  for (std::size_t i = 0; i < points.size(); ++i) {
    double best = matching_lkr_radius * matching_lkr_radius;
    for (std::size_t k = 0; k < x.size(); ++k) {
      if (std::abs(time[k] - track_time[i]) > matching_lkr_window) continue;
      const double dx = x[k] - points[i].x, dy = y[k] - points[i].y, distance2 = dx * dx + dy * dy;
      if (distance2 <= best) { best = distance2; nearest[i] = energy[k]; }
    }
  }
  return nearest;
}

int tile_at(double x, double y, const Tiles& tiles) {
  const auto column = static_cast<long>(std::floor(x / tiles.pitch_x + tiles.columns / 2.0));
  const auto row = static_cast<long>(std::floor(y / tiles.pitch_y + tiles.rows / 2.0));
  if (column < 0 || column >= tiles.columns || row < 0 || row >= tiles.rows) return -1;
  return tiles.raster[row * tiles.columns + column];
}

int tiles_near(Point p, float track_time, const Floats& x, const Floats& y, const Floats& time, const Tiles& tiles,
               double radius, double window) {
  int count = 0;
  for (std::size_t k = 0; k < x.size(); ++k) {
    if (std::abs(time[k] - track_time) > window) continue;
    const int tile = tile_at(x[k], y[k], tiles);
    if (tile < 0) continue;
    const double out_x = std::max(std::abs(p.x - x[k]) - tiles.half_x[tile], 0.0);
    const double out_y = std::max(std::abs(p.y - y[k]) - tiles.half_y[tile], 0.0);
    if (std::sqrt(out_x * out_x + out_y * out_y) <= radius) ++count;
  }
  return count;
}

RVec<int> chod_tiles(const RVec<Point>& points, const Floats& track_time, const Floats& x, const Floats& y,
                     const Floats& time) {
  RVec<int> count(points.size());
  for (std::size_t i = 0; i < points.size(); ++i)
    count[i] = tiles_near(points[i], track_time[i], x, y, time, chod, matching_chod_radius, matching_chod_window);
  return count;
}

RVec<int> muv3_tiles(const RVec<Point>& points, const Floats& p, const Floats& track_time, const Floats& x,
                     const Floats& y, const Floats& time) {
  RVec<int> count(points.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    const double slowest = std::max(static_cast<double>(p[i]), matching_muv3_momentum_min);
    const double radius = matching_muv3_sigmas * matching_muv3_scattering / slowest;
    count[i] = tiles_near(points[i], track_time[i], x, y, time, muv3, radius, matching_muv3_window);
  }
  return count;
}

int lav_hits(float trigger_time, const Floats& time, const Floats& energy) {
  int count = 0;
  for (std::size_t k = 0; k < time.size(); ++k)
    count += std::abs(time[k] - trigger_time) <= matching_lav_window && energy[k] >= matching_lav_energy_min;
  return count;
}

Approach approach(double x1, double y1, double z1, double ux, double uy, double uz, double x2, double y2, double z2,
                  double vx, double vy, double vz) {
  const double dx = x1 - x2, dy = y1 - y2, dz = z1 - z2;
  const double cx = uy * vz - uz * vy, cy = uz * vx - ux * vz, cz = ux * vy - uy * vx;
  const double sine2 = cx * cx + cy * cy + cz * cz;
  if (!(sine2 > parallel)) { const double nan = std::nan(""); return {nan, nan, nan, nan, nan}; }
  const double s = -((dy * vz - dz * vy) * cx + (dz * vx - dx * vz) * cy + (dx * vy - dy * vx) * cz) / sine2;
  const double t = -((dy * uz - dz * uy) * cx + (dz * ux - dx * uz) * cy + (dx * uy - dy * ux) * cz) / sine2;
  return {s, t, dx + s * ux - t * vx, dy + s * uy - t * vy, dz + s * uz - t * vz};
}

Pair pair_of(int plus, int minus, double p1, double x1, double y1, double dx1, double dy1, double t1,
             double p2, double x2, double y2, double dx2, double dy2, double t2) {
  const double z = reference_z, norm = std::sqrt(1.0 + axis_dxdz * axis_dxdz + axis_dydz * axis_dydz);
  const double n1 = std::sqrt(1.0 + dx1 * dx1 + dy1 * dy1), n2 = std::sqrt(1.0 + dx2 * dx2 + dy2 * dy2);
  const double ux = dx1 / n1, uy = dy1 / n1, uz = 1.0 / n1, vx = dx2 / n2, vy = dy2 / n2, vz = 1.0 / n2;
  const auto g = approach(x1, y1, z, ux, uy, uz, x2, y2, z, vx, vy, vz);
  const double vertex_x = (x1 + g.s * ux + x2 + g.t * vx) / 2.0, vertex_y = (y1 + g.s * uy + y2 + g.t * vy) / 2.0;
  const double vertex_z = z + (g.s * uz + g.t * vz) / 2.0;
  const double px = p1 * ux + p2 * vx, py = p1 * uy + p2 * vy, pz = p1 * uz + p2 * vz;
  const double p = std::sqrt(px * px + py * py + pz * pz);
  const auto h = approach(vertex_x, vertex_y, vertex_z, px / p, py / p, pz / p, axis_x, axis_y, axis_z,
                          axis_dxdz / norm, axis_dydz / norm, 1.0 / norm);
  const double ahead = straw[0][0] - z;
  return {plus, minus, std::sqrt(g.x * g.x + g.y * g.y + g.z * g.z), vertex_z,
          std::sqrt(h.x * h.x + h.y * h.y + h.z * h.z), vertex_z + h.s * pz / p, t1 - t2,
          std::hypot(x1 - x2 + (dx1 - dx2) * ahead, y1 - y2 + (dy1 - dy2) * ahead)};
}

int charge_of(Char_t charge) { return static_cast<signed char>(charge); }

RVec<Pair> all_pairs(const RVec<Char_t>& charge, const Floats& p, const Floats& x, const Floats& y, const Floats& dx,
                     const Floats& dy, const Floats& time) {
  RVec<Pair> pairs;
  pairs.reserve(charge.size() * (charge.size() - 1) / 2);
  for (std::size_t first = 0; first < charge.size(); ++first)
    for (std::size_t second = first + 1; second < charge.size(); ++second) {
      const int a = charge_of(charge[first]), b = charge_of(charge[second]);
      const std::size_t i = a < b ? second : first, j = a < b ? first : second;
      pairs.push_back(pair_of(i, j, p[i], x[i], y[i], dx[i], dy[i], time[i],
                              p[j], x[j], y[j], dx[j], dy[j], time[j]));
    }
  return pairs;
}

bool is_hidden(const RVec<Pair>& pairs) {
  return is_data && std::any_of(pairs.begin(), pairs.end(), [](const Pair& pair) { return in_hidden_region(pair); });
}
"""

DIRECTIONS = "Track_x, Track_y, Track_dxdz, Track_dydz, Track_dxdz_after, Track_dydz_after"

VALUES = {
    "straw_inside": f"in_straw({DIRECTIONS})",
    "at_chod": f"at(chod_z, {DIRECTIONS})",
    "at_lkr": f"at(lkr_z, {DIRECTIONS})",
    "at_muv3": f"at(muv3_z, {DIRECTIONS})",
    "at_lav12": f"at(lav12_front, {DIRECTIONS})",
    "n_chod": "chod_tiles(at_chod, Track_time, CHOD_x, CHOD_y, CHOD_time)",
    "n_muv3": "muv3_tiles(at_muv3, Track_p, Track_time, MUV3_x, MUV3_y, MUV3_time)",
    "lkr_energy": "nearest_energy(at_lkr, Track_time, LKr_x, LKr_y, LKr_energy, LKr_time)",
    "n_lav": "lav_hits(trigger_time, LAV_time, LAV_energy)",
}
"""Values of visible events and of their tracks."""

REQUIREMENTS = {
    "opposite charge": "charge_of(Track_charge[pair.plus]) == 1 && charge_of(Track_charge[pair.minus]) == -1",
    "track quality": "Track_chi2[leg] < float(cuts_tracks_chi2_max) && Track_chambers[leg] >= cuts_tracks_chambers_min",
    "momentum": "Track_p[leg] > float(cuts_tracks_momentum_min)",
    "inside STRAW": "straw_inside[leg]",
    "inside CHOD": "in_annulus(at_chod[leg], chod_r_min, chod_r_max)",
    "inside LKr": "in_octagon(at_lkr[leg], lkr_r_min, lkr_apothem)",
    "inside MUV3": "in_square(at_muv3[leg], muv3_r_min, muv3_half_side)",
    "inside LAV12": "std::hypot(at_lav12[leg].x, at_lav12[leg].y) < lav12_r_inner",
    "CHOD association": "n_chod[leg] > 0",
    "apart at STRAW1": "pair.straw1_separation > cuts_tracks_separation_min",
    "H2 trigger": "(trigger & h2) > 0",
    "in time with the trigger": "std::abs(Track_time[leg] - trigger_time) < float(cuts_tracks_dt_trigger_max)",
    "in time with each other": "std::abs(pair.dt) < cuts_tracks_dt_pair_max",
    "one vertex": "pair.cda < cuts_vertex_cda_max",
    "decay volume": "pair.vertex_z > cuts_vertex_z_min && pair.vertex_z < cuts_vertex_z_max",
    "one MUV3 tile each": "n_muv3[leg] == cuts_muv3_tiles",
    "E/p": "lkr_energy[leg] / Track_p[leg] < float(cuts_e_over_p_max)",
    "LAV veto": "n_lav == 0",
}
"""Requirements in order; `leg` stands for each of the two tracks. Ours compare float32 columns with float32 numbers."""


def available() -> bool:
    """Whether ROOT can be imported."""
    return importlib.util.find_spec("ROOT") is not None


def chain(processor: Processor, plan: Plan, *, sample: str) -> Callable[[], list[int]]:
    """The selection of one sample, compiled.

    Parameters
    ----------
    processor : Processor
        Of the mumu search; its numbers, regions and openings are used.
    plan : Plan
        Its files and good bursts.
    sample : str
        Name of the sample.

    Returns
    -------
    callable
        Builds the chain, runs it once on one thread, and gives the rows left: before the first requirement and after
        each. What comes after its first call finds everything compiled.
    """
    root = _root()
    code = "\n".join([TYPES, *_constants(processor, plan, sample=sample), FUNCTIONS])
    space = _declared(code)
    paths = [file.path for file in plan.files if file.sample == sample]
    steps = len(REQUIREMENTS) + 1

    def run() -> list[int]:
        frame = root.RDataFrame(TREE, paths)
        if processor.state.samples[sample].kind == "data":
            frame = frame.Filter(f"{space}::in_good_burst(run, burst)")
        frame = frame.Filter("Track_charge.size() > 1")
        legs = "Track_charge, Track_p, Track_x, Track_y, Track_dxdz, Track_dydz, Track_time"
        frame = frame.Define("pairs", f"{space}::all_pairs({legs})").Filter(f"!{space}::is_hidden(pairs)")
        for name, value in VALUES.items():
            frame = frame.Define(name, f"using namespace {space}; return {value};")
        frame = frame.Define("met", f"using namespace {space}; {_requirements_met()}")
        met = frame.Histo1D(("met", "", steps, -0.5, steps - 0.5), "met").GetValue()
        numbers = [int(met.GetBinContent(step + 1)) for step in range(steps)]
        return [sum(numbers[step:]) for step in range(steps)]

    return run


def _requirements_met() -> str:
    """Body that gives, for each pair, how many requirements it meets before the first that it fails."""
    asked = [
        f"if (!(({text.replace('[leg]', '[pair.plus]')}) && ({text.replace('[leg]', '[pair.minus]')}))) return {number};"
        for number, text in enumerate(REQUIREMENTS.values())
    ]
    count = f"[&](const Pair& pair) {{ {' '.join(asked)} return {len(asked)}; }}"
    return f"return ROOT::VecOps::Map(pairs, {count});"


@cache
def _root() -> Any:  # noqa: ANN401 - ROOT has no types
    os.environ.setdefault("EXTRA_CLING_ARGS", OPTIMISATION)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel says that it is in alpha stage
        import ROOT  # noqa: PLC0415 - may not be there
    return ROOT


@cache
def _declared(code: str) -> str:
    """Compile the functions in a namespace of their own, and give its name."""
    space = f"peer_{hashlib.sha256(code.encode()).hexdigest()[:16]}"
    head = "#include <algorithm>\n#include <cmath>\n#include <set>\n#include <utility>\n#include <ROOT/RVec.hxx>\n"
    if not _root().gInterpreter.Declare(f"{head}\n#pragma STDC FP_CONTRACT OFF\nnamespace {space} {{\n{code}\n}}"):
        msg = "ROOT did not compile the functions of the selection: its messages are above"
        raise RuntimeError(msg)
    return space


def _constants(processor: Processor, plan: Plan, *, sample: str) -> Iterator[str]:
    """Every number of the selection, and the hidden regions, in C++."""
    search, declared = processor.analysis, processor.state.samples[sample]
    geometry = search.geometry
    for name in ("axis", "reference", "magnet", "chod", "lkr", "muv3"):
        yield from _numbers(name, getattr(geometry, name).model_dump())
    yield from _numbers("lav12", geometry.lav[-1].model_dump())
    yield from _numbers("matching", search.matching.model_dump())
    yield from _numbers("cuts", search.cuts.model_dump())
    yield from _tiles("chod", geometry.chod.tiles)
    yield from _tiles("muv3", geometry.muv3.tiles)
    chambers = [f"{{{c.z}, {c.r_max}, {c.hole_x}, {c.hole_half_width}}}" for c in geometry.straw]
    yield f"constexpr double straw[][4] = {{{', '.join(chambers)}}};"
    yield f"constexpr double parallel = {PARALLEL};"
    yield f"constexpr unsigned h2 = {H2};"
    yield f"constexpr bool is_data = {int(declared.kind == 'data')};"
    yield _good_burst(plan.good_bursts(sample))
    yield _hidden_region(search.plane, frozenset(processor.state.hidden))


def _numbers(name: str, values: Mapping[str, Any]) -> Iterator[str]:
    """Numbers of a table and of the tables in it: `cuts_vertex_cda_max`."""
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _numbers(f"{name}_{key}", value)
        elif isinstance(value, int | float):
            yield f"constexpr {type(value).__name__.replace('float', 'double')} {name}_{key} = {value!r};"


def _tiles(name: str, tiles: Tiles) -> Iterator[str]:
    """The tiles of a plane: raster without unit, half sides in mm."""
    rows, columns = tiles.raster.shape
    for part, kind in (("raster", "short"), ("half_x", "double"), ("half_y", "double")):
        values = ", ".join(str(value) for value in getattr(tiles, part).ravel().tolist())
        yield f"constexpr {kind} {name}_{part}[] = {{{values}}};"
    sizes = f"{rows}, {columns}, {tiles.pitch_x}, {tiles.pitch_y}"
    yield f"constexpr Tiles {name} = {{{sizes}, {name}_raster, {name}_half_x, {name}_half_y}};"


def _good_burst(bursts: frozenset[tuple[int, int]]) -> str:
    """Whether an event is of a good burst. The set is made in the function: cling fails on one outside, beside RVec."""
    pairs = ", ".join(f"{{{run}u, {burst}u}}" for run, burst in sorted(bursts))
    known = f"static const std::set<std::pair<unsigned, unsigned>> good{{{pairs}}};"
    return f"bool in_good_burst(unsigned run, unsigned burst) {{ {known} return good.count({{run, burst}}) > 0; }}"


def _hidden_region(plane: Plane, hidden: frozenset[str]) -> str:
    """Whether a pair is in a hidden region, or undefined: the first region that holds it has it, boundaries included."""
    x, y = (f"pair.{column}" for column in plane.columns)
    asked = [f"if (std::isnan({x}) || std::isnan({y})) return true;"]
    for region in plane.region:
        if not isinstance(region, Box):
            msg = f"region '{region.name}' is {region.shape}: the comparison knows boxes"
            raise TypeError(msg)
        inside = f"{x} >= {region.x[0]} && {x} <= {region.x[1]} && {y} >= {region.y[0]} && {y} <= {region.y[1]}"
        asked.append(f"if ({inside}) return {int(region.name in hidden)};")
    return f"bool in_hidden_region(const Pair& pair) {{ {' '.join(asked)} return false; }}"
