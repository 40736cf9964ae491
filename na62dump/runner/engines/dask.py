"""Work on a dask cluster: on this machine, at an address, or in jobs; imported only to run."""

from __future__ import annotations

import logging
import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from distributed import Client, LocalCluster
from distributed.comm import get_address_host_port
from distributed.security import Security

from na62dump.errors import IncompleteError
from na62dump.runner.engines import interrupts
from na62dump.runner.engines.clusters import in_jobs
from na62dump.runner.engines.local import pooled
from na62dump.runner.engines.patience import Patient
from na62dump.runner.engines.security import HIDDEN, LOOPBACK, certificate, private_folder, secured
from na62dump.runner.engines.settings import ENCRYPTED, Dask, Jobs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from na62dump.runner.statuses import Reporting, Statuses

_LOOK_SECONDS = 0.5
"""How often it is looked whether the scheduler is still there, s."""


def dask(items: Sequence[object], function: Reporting, *, execution: Dask | Jobs) -> Statuses:
    """Do items on a dask cluster.

    Parameters
    ----------
    items : sequence
        What to do, usually units.
    function : Reporting
        From an item to its report; it must pickle.
    execution : Dask or Jobs
        Where the cluster is, or what it is made of; what is started for this call ends with it.

    Returns
    -------
    Statuses
        Reports of all items, and a loss for each whose workers died, or for which there were none left.

    Raises
    ------
    ConfigurationError
        If a certificate, or a program of the batch system, is missing.
    IncompleteError
        If the scheduler does not answer, or no worker begins in time.
    """
    with secured(wait_s=execution.wait_s), _client(items, function, execution) as client:
        _require_workers(client, execution)
        pool = Patient(client.get_executor(pure=False, retries=0))
        with _watched(client, pool, wait_s=execution.wait_s):
            return pooled(pool, items, function=function)


@contextmanager
def _watched(client: Any, pool: Patient, *, wait_s: float) -> Iterator[None]:  # noqa: ANN401 - distributed is untyped here
    """Give up on a scheduler that is not there for a time: its client does not always say so."""
    over = threading.Event()

    def watch() -> None:
        seen = time.monotonic()
        while not over.wait(_LOOK_SECONDS):
            if client.status == "running":
                seen = time.monotonic()
            elif client.status == "closed" or time.monotonic() - seen > wait_s:
                pool.give_up(ConnectionError("the scheduler is gone"))
                return

    thread = threading.Thread(target=watch, name="na62dump dask", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def _client(items: Sequence[object], function: Reporting, execution: Dask | Jobs) -> Iterator[Any]:
    if isinstance(execution, Jobs):
        with in_jobs(execution, jobs=min(execution.jobs, len(items)), folder=function.folder) as cluster:
            yield from _connected(cluster)
    elif execution.address is None:
        with _on_this_machine(min(execution.workers, len(items))) as cluster:
            yield from _connected(cluster)
    else:
        yield from _at_address(execution)


def _connected(cluster: Any) -> Iterator[Any]:  # noqa: ANN401 - distributed is untyped here
    with Client(cluster, set_as_default=False) as client:
        yield client


def _at_address(execution: Dask) -> Iterator[Any]:
    security = certificate(execution)
    try:
        client = Client(execution.address, security=security, timeout=execution.wait_s, set_as_default=False)
    except (OSError, ValueError) as error:
        raise _not_met(execution, error) from error
    with client:
        yield client


def _not_met(execution: Dask, error: Exception) -> IncompleteError:
    told = " ".join(str(error).split())
    unheard = _unheard(execution)
    if unheard is None:
        msg = (
            f"{execution.address}: somebody listens there, but the TLS handshake failed: {told}; ca, cert and key must be of "
            "the authority that the scheduler was started with: check these, and that it is this scheduler; finished results "
            "are kept"
        )
    else:
        msg = (
            f"{execution.address}: no scheduler listens there: {unheard}; check address, start the scheduler, or raise wait "
            "if it is slow to start; finished results are kept"
        )
    return IncompleteError(msg)


def _unheard(execution: Dask) -> str | None:
    """Why a plain connection fails; None if it does not, so that what failed before was the handshake."""
    try:
        socket.create_connection(get_address_host_port(execution.address), timeout=execution.wait_s).close()
    except (OSError, ValueError) as error:
        return str(error)
    return None


@contextmanager
def _on_this_machine(workers: int) -> Iterator[Any]:
    """A cluster that nobody else can use: certificates of its own, this machine only."""
    with private_folder(None) as private:
        with interrupts.held_back():
            cluster = LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                host=LOOPBACK,
                protocol=ENCRYPTED,
                security=Security.temporary(),
                dashboard_address=HIDDEN,
                worker_dashboard_address=HIDDEN,
                local_directory=private,
                preload=[interrupts.__name__],
                silence_logs=logging.CRITICAL,
            )
        with cluster:
            yield cluster


def _require_workers(client: Any, execution: Dask | Jobs) -> None:  # noqa: ANN401 - distributed is untyped here
    try:
        client.wait_for_workers(1, timeout=execution.wait_s)
    except TimeoutError as error:
        told = "a look at the queue and at logs/dask in the run folder tells why" if isinstance(execution, Jobs) else ""
        msg = (
            f"engine = '{execution.engine}': no worker began within wait = '{execution.wait_s:g} s'; "
            f"{told or 'start some'}; raise wait if the wait is usual. Finished results are kept: run again, and the rest is done"
        )
        raise IncompleteError(msg) from error
