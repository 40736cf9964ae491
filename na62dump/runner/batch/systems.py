"""The batch systems: for each the module that speaks to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from na62dump.runner.batch import condor, slurm

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from na62dump.runner.batch.commands import Queue
    from na62dump.runner.batch.portions import Lack
    from na62dump.runner.batch.settings import SystemName
    from na62dump.runner.batch.submissions import Sent


class System(Protocol):
    """What is asked of a batch system."""

    def queue_name(self) -> str:
        """Name of the queue that takes jobs from this machine now; empty where there is but one."""
        ...

    def send(self, sent: Sent, execution: Any) -> str:  # noqa: ANN401 - settings of this system
        """Send the jobs of a submission; what the batch system calls them."""
        ...

    def waiting(self, several: Sequence[Sent]) -> Queue:
        """What the queue says of the jobs of some submissions."""
        ...

    def lacking(self, sent: Sent) -> Mapping[int, Lack]:
        """What jobs had too little of, by number of the slice."""
        ...


SYSTEMS: Mapping[SystemName, System] = {"slurm": slurm, "htcondor": condor}
"""Name in ``engine`` to the module."""
