"""Accepted decays that go with limits: of the same model, made with the same numbers, for the same search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from na62dump.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from na62dump.signal.acceptance import Acceptance


def check_acceptance(
    acceptance: Acceptance, model: str, *, searches: Collection[str], digests: Mapping[str, str]
) -> None:
    """Refuse an acceptance that does not belong to yields or limits.

    Parameters
    ----------
    acceptance : Acceptance
        What is checked.
    model : str
        That of the limits.
    searches : collection of str
        Which they count.
    digests : mapping of str to str
        Of what they were made from, as `Limits.digests` and `Expected.digests` have them.

    Raises
    ------
    ConfigurationError
        If model, search, or the files that either was read from are others.
    """
    what, again = f"the acceptance of '{acceptance.analysis}'", "make one of them again"
    if acceptance.model != model:
        msg = f"{what} is of the model '{acceptance.model}', and the limits are of '{model}'; leave it out, or give that of '{model}'"
        raise ConfigurationError(msg)
    if acceptance.analysis not in searches:
        msg = f"there is an acceptance of '{acceptance.analysis}', but the limits do not count it, only {', '.join(searches)}; leave it out"
        raise ConfigurationError(msg)
    origin = digests.get("model", acceptance.origin)
    if acceptance.origin != origin:
        msg = (
            f"{what} was made with other values of '{model}' (digest {acceptance.origin[:12]}) than the limits ({origin[:12]}); "
            f"{again}"
        )
        raise ConfigurationError(msg)
    if acceptance.digest != digests.get(f"analysis {acceptance.analysis}", acceptance.digest):
        msg = f"{what} was made with other requirements than the limits; {again}"
        raise ConfigurationError(msg)
