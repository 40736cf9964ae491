"""Units whose results are kept together."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from na62dump.datasets import WorkUnit, key_of

if TYPE_CHECKING:
    from collections.abc import Iterable


def keyed(units: Iterable[WorkUnit]) -> list[WorkUnit]:
    """Units in order of shards, with the keys of these."""
    shards = (list(several) for _, several in groupby(units, key=lambda unit: unit.shard))
    return [replace(unit, shard_key=key_of(u.name for u in shard)) for shard in shards for unit in shard]
