"""What every dask cluster of ours has in common: nobody else can use it, and it reads no pickle from disk."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from distributed.config import dask  # that is what its settings are kept in
from distributed.security import Security

from na62dump.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from na62dump.runner.engines.settings import Dask

LOOPBACK = "127.0.0.1"
HIDDEN = f"{LOOPBACK}:0"
"""Where a dashboard is that cannot be left out: on this machine, with no pages."""

_OWNER_ONLY = 0o600

WORKER = {
    # what is moved to disk is read again as a pickle
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    # a worker that waits for memory which nothing gives back would wait for ever: it is ended instead (memory.terminate)
    "distributed.worker.memory.pause": False,
    "distributed.worker.http.routes": [],
    "distributed.worker.use-file-locking": False,  # not every shared disk has locks, and nothing is shared there
    "distributed.comm.require-encryption": True,
}
"""Settings of dask for a worker."""

SCHEDULER = WORKER | {
    "distributed.scheduler.http.routes": [],
    # a worker holds one task at a time, and a death is blamed on that one; twice, and the unit is looked at alone
    "distributed.scheduler.worker-saturation": 1.0,
    "distributed.scheduler.allowed-failures": 1,
}
"""Settings of dask for the process of a scheduler and the workers that it starts itself."""


@contextmanager
def secured(*, wait_s: float) -> Iterator[None]:
    """Settings of dask for a cluster that is started in the body.

    Parameters
    ----------
    wait_s : float
        How long tasks wait when no worker is left, s.

    Yields
    ------
    None
        Nothing.
    """
    with dask.config.set(SCHEDULER | {"distributed.scheduler.no-workers-timeout": f"{wait_s} s"}):
        yield


def exported(settings: Mapping[str, object]) -> list[str]:
    """Settings of dask as lines of shell, for a worker that starts elsewhere."""
    names = {key: key.replace(".", "__").replace("-", "_").upper() for key in settings}
    return [f"export DASK_{names[key]}='{value}'" for key, value in settings.items()]


@contextmanager
def private_folder(above: Path | None) -> Iterator[str]:
    """A folder that only its owner may enter, for certificates and workers; removed at the end.

    Parameters
    ----------
    above : Path or None
        Folder it is made in; None: the system's for temporary files.

    Yields
    ------
    str
        Where it is.

    Raises
    ------
    ConfigurationError
        If it cannot be made.
    """
    try:
        made = tempfile.TemporaryDirectory(prefix=".na62dump-dask-", dir=above, ignore_cleanup_errors=True)
    except OSError as error:
        msg = f"{above}: a folder for certificates cannot be made there: {error.strerror}; give another as key 'shared'"
        raise ConfigurationError(msg) from error
    with made as folder:
        yield folder


def fresh_certificate(folder: str) -> Security:
    """Certificate of one cluster, as files that its workers find.

    Parameters
    ----------
    folder : str
        A private one.

    Returns
    -------
    Security
        For scheduler, workers and client.
    """
    made = Security.temporary()
    paths = {}
    for name, text in (("ca", made.tls_ca_file), ("cert", made.tls_worker_cert), ("key", made.tls_worker_key)):
        paths[name] = os.path.join(folder, f"{name}.pem")  # noqa: PTH118 - dask takes no Path
        with open(os.open(paths[name], os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode=_OWNER_ONLY), "w") as file:  # noqa: PTH123
            file.write(text)
    roles = {f"tls_{role}_{key}": paths[key] for role in ("scheduler", "worker", "client") for key in ("cert", "key")}
    return Security(require_encryption=True, tls_ca_file=paths["ca"], **roles)


def certificate(execution: Dask) -> Security:
    """Certificate with which a scheduler at an address is met.

    Parameters
    ----------
    execution : Dask
        Names its files, or leaves that to dask's configuration.

    Returns
    -------
    Security
        For a client.

    Raises
    ------
    ConfigurationError
        If a file is not named, or cannot be read.
    """
    named = {"tls_ca_file": execution.ca, "tls_client_cert": execution.cert, "tls_client_key": execution.key}
    given = {name: str(path.expanduser()) for name, path in named.items() if path is not None}
    security = Security(require_encryption=True, **given)
    for key, option in (("ca", "tls_ca_file"), ("cert", "tls_client_cert"), ("key", "tls_client_key")):
        path = getattr(security, option)
        if path is None:
            msg = (
                f"address = {execution.address!r}: no certificate to show there: give files as keys ca, cert and key, or in "
                "dask's configuration (distributed.comm.tls.ca-file, .client.cert, .client.key)"
            )
            raise ConfigurationError(msg)
        _require_readable(path, key)
    return security


def _require_readable(path: str, key: str) -> None:
    if "\n" in path:  # dask takes the text of a certificate in place of a path
        return
    if not os.path.isfile(path) or not os.access(path, os.R_OK):  # noqa: PTH113 - a text of dask's
        msg = f"{key} = '{path}': no such file, or it may not be read; give the PEM file of the certificate"
        raise ConfigurationError(msg)
