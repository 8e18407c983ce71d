"""Packages of the ``test`` extra: measuring and fitting need them, asking does not."""

from __future__ import annotations

from importlib.util import find_spec

from corpus.errors import EvaluationError


def require(package: str, what: str) -> None:
    """Raise EvaluationError, with the mend, where a package that ``what`` needs is missing."""
    if find_spec(package) is None:
        raise EvaluationError(
            f"{what} needs the package {package}, which the test extra brings: "
            "pip install 'bijsluiter[test]'"
        )
