"""Work on a dask cluster, by coffea's executor; imported only to run."""

from __future__ import annotations

import logging
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from coffea import processor
from distributed import Client, LocalCluster
from distributed.security import Security

from na62dump.runner.execution import ENCRYPTED
from na62dump.runner.executors import total
from na62dump.runner.statuses import Reporting, Statuses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from na62dump.datasets import WorkUnit
    from na62dump.runner.execution import Execution

LOOPBACK = "127.0.0.1"


def dask(units: list[WorkUnit], function: Reporting, *, execution: Execution) -> Statuses:
    """Run units on a dask cluster.

    Parameters
    ----------
    units : list of WorkUnit
        What to do.
    function : Reporting
        The job; it must pickle.
    execution : Execution
        Address of the cluster, or number of processes of one that lives as long as this call.

    Returns
    -------
    Statuses
        Reports of all units, or one loss if the cluster gave up: dask returns all or nothing.
    """
    with _client(execution) as client:
        executor = processor.DaskExecutor(client=client, status=False, compression=None, retries=0)
        try:
            return total(executor, units, function=function)
        except Exception as error:  # noqa: BLE001 - jobs raise nothing, so this is the cluster's, of many types
            return Statuses.of_lost_worker(error)


@contextmanager
def _client(execution: Execution) -> Iterator[Any]:
    """Client of a cluster that nobody else can use: certificates of its own, this machine only."""
    if execution.address is not None:
        with Client(execution.address) as client:
            yield client
        return
    with (
        tempfile.TemporaryDirectory(prefix="na62dump-dask-") as private,
        LocalCluster(
            n_workers=execution.workers,
            threads_per_worker=1,
            processes=True,
            host=LOOPBACK,
            protocol=ENCRYPTED,
            security=Security.temporary(),
            dashboard_address=f"{LOOPBACK}:0",
            worker_dashboard_address=f"{LOOPBACK}:0",
            local_directory=private,
            silence_logs=logging.CRITICAL,
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client
