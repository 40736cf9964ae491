"""Work on a dask cluster, by coffea's executor; imported only to run."""

from __future__ import annotations

import logging
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from coffea import processor
from distributed import Client, LocalCluster
from distributed.security import Security

from na62dump.runner.engines.local import total
from na62dump.runner.engines.settings import ENCRYPTED
from na62dump.runner.statuses import Statuses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from na62dump.runner.engines.settings import Dask

LOOPBACK = "127.0.0.1"


def dask(items: Sequence[object], function: Callable[..., Statuses], *, execution: Dask) -> Statuses:
    """Do items on a dask cluster.

    Parameters
    ----------
    items : sequence
        What to do, usually units.
    function : callable
        From an item to its report; it must pickle.
    execution : Dask
        Address of the cluster, or number of processes of one that lives as long as this call.

    Returns
    -------
    Statuses
        Reports of all items, or one loss if the cluster gave up: dask returns all or nothing.
    """
    with _client(execution) as client:
        executor = processor.DaskExecutor(client=client, status=False, compression=None, retries=0)
        try:
            return total(executor, items, function=function)
        except Exception as error:  # noqa: BLE001 - jobs raise nothing, so this is the cluster's, of many types
            return Statuses.of_lost_worker(error)


@contextmanager
def _client(execution: Dask) -> Iterator[Any]:
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
