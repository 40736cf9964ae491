from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump import __version__, provenance

TREES: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def _reversed(tree: object) -> object:
    if isinstance(tree, dict):
        return {key: _reversed(tree[key]) for key in reversed(tree)}
    return tuple(_reversed(item) for item in tree) if isinstance(tree, list) else tree


@given(TREES)
def test_order_of_keys_and_kind_of_sequence_do_not_matter(tree: object) -> None:
    assert provenance.digest(tree) == provenance.digest(_reversed(tree))


def test_digest_is_the_same_on_every_machine_and_day() -> None:
    content = {"b": [1, 2.5, None], "a": {"x": True}}
    assert provenance.digest(content) == "e4f1f0315dfff37b365497116e2e48236be83a366b2d68427dca82a9c5ccb202"


@pytest.mark.parametrize(
    ("one", "other"), [(1, 1.0), (1, "1"), (0.1, 0.1 + 2**-56), ([1, 2], [2, 1]), (None, "null"), (True, 1)]
)
def test_what_differs_has_another_digest(one: object, other: object) -> None:
    assert provenance.digest(one) != provenance.digest(other)


def test_infinity_has_a_digest() -> None:
    assert provenance.digest(float("inf")) != provenance.digest(float("-inf"))


@pytest.mark.parametrize("alien", [{1, 2}, b"x", Path("x"), np.zeros(2), np.int64(1), object()])
def test_what_is_no_json_is_refused_with_its_place(alien: object) -> None:
    with pytest.raises(TypeError, match=re.escape(f"value.cuts[1] is a {type(alien).__name__}")):
        provenance.digest({"cuts": [0, alien]})


def test_keys_must_be_text() -> None:
    with pytest.raises(TypeError, match="value has the key 1: keys must be text"):
        provenance.digest({1: 2})


def test_nan_is_refused() -> None:
    with pytest.raises(ValueError, match=r"value\.x is NaN"):
        provenance.digest({"x": float("nan")})


def test_stamp_is_json_and_says_all() -> None:
    home = Path.home()
    stamp = provenance.stamp(
        {"files": ("a", "b")},
        {"analysis": "12"},
        open_regions=["CR"],
        command=[f"{home}/bin/na62dump", "run", f"--output={home}/x"],
    )
    assert json.loads(json.dumps(stamp)) == stamp
    assert stamp["command"] == ["na62dump", "run", "--output=~/x"]
    assert stamp["inputs"] == {"files": ["a", "b"]}
    assert stamp["digests"] == {"analysis": "12"}
    assert stamp["open_regions"] == ["CR"]
    libraries = stamp["libraries"]
    assert isinstance(libraries, dict)
    assert libraries["numpy"] == np.__version__
    assert str(stamp["time"]).endswith("+00:00")


def test_absent_package_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provenance, "LIBRARIES", ("no-such-package-na62dump",))
    assert provenance.stamp()["libraries"] == {"no-such-package-na62dump": "not installed"}


def test_own_version_does_not_need_an_installation() -> None:
    package = provenance.stamp()["package"]
    assert isinstance(package, dict)
    assert package["version"] == __version__


def test_no_checkout_has_no_commit(tmp_path: Path) -> None:
    assert provenance.commit(tmp_path) is None
    (tmp_path / ".git").mkdir()
    assert provenance.commit(tmp_path) is None


def test_commit_of_a_checkout_says_whether_files_changed(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        subprocess.run(["git", "-C", str(tmp_path), *words], check=True, capture_output=True)

    (tmp_path / "f").write_text("1")
    git("init")
    git("add", "f")
    git("-c", "user.name=n", "-c", "user.email=e@example.org", "commit", "-m", "m")
    clean = provenance.commit(tmp_path)
    assert clean is not None
    assert re.fullmatch("[0-9a-f]{40}", clean)
    (tmp_path / "f").write_text("2")
    assert provenance.commit(tmp_path) == f"{clean}-dirty"


def test_import_loads_no_library_it_names() -> None:
    code = f"import sys, na62dump.provenance; print(*[m for m in {provenance.LIBRARIES} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not done.stdout.strip()
