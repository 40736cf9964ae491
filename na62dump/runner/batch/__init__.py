"""Work as jobs of a batch system: each takes a slice of the plan and needs nothing of ours to stay alive."""

from na62dump.runner.batch.settings import MODELS, Batch, HTCondor, Resources, Slurm
from na62dump.runner.batch.submissions import (
    JOBS,
    STOPPED,
    Conditions,
    DamagedJobError,
    Sent,
    Submission,
    history,
    load,
)
from na62dump.runner.batch.submitting import Remark, Submitted, reasons, submit
from na62dump.runner.batch.watch import watching_itself

__all__ = [
    "JOBS",
    "MODELS",
    "STOPPED",
    "Batch",
    "Conditions",
    "DamagedJobError",
    "HTCondor",
    "Remark",
    "Resources",
    "Sent",
    "Slurm",
    "Submission",
    "Submitted",
    "history",
    "load",
    "reasons",
    "submit",
    "watching_itself",
]
