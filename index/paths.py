"""Where Bijsluiter keeps things: the index (the user's data) and converted models (a cache).

``BIJSLUITER_HOME`` and ``BIJSLUITER_CACHE`` replace the two folders; ``--index PATH`` replaces the
first for one command. Nothing is created here: whoever writes makes the folder.
"""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from corpus.errors import BijsluiterError, StoreError

HOME_VARIABLE = "BIJSLUITER_HOME"
CACHE_VARIABLE = "BIJSLUITER_CACHE"

_APPLICATION = "bijsluiter"


def home_dir(path: str | os.PathLike[str] | None = None) -> Path:
    """The folder that holds the index: ``path``, else ``BIJSLUITER_HOME``, else the user's data."""
    if path is not None:
        if not os.fspath(path):
            raise StoreError("The index path is empty; give --index the name of a folder.")
        return _absolute(path)
    return _from_environment(HOME_VARIABLE) or Path(
        platformdirs.user_data_dir(_APPLICATION, appauthor=False)
    )


def cache_dir() -> Path:
    """The folder for what can be made again (converted models): safe to delete at any time."""
    return _from_environment(CACHE_VARIABLE) or Path(
        platformdirs.user_cache_dir(_APPLICATION, appauthor=False)
    )


def _from_environment(variable: str) -> Path | None:
    value = os.environ.get(variable, "").strip()
    return _absolute(value) if value else None


def _absolute(path: str | os.PathLike[str]) -> Path:
    try:
        return Path(path).expanduser().absolute()
    except RuntimeError as error:  # "~nobody": no such user
        raise BijsluiterError(f"The folder {path} has no home to start from: {error}.") from error
