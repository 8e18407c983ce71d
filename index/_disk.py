"""What to tell a user when the disk does not take what is written."""

from __future__ import annotations

import errno
from pathlib import Path

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_DENIED = (errno.EACCES, errno.EPERM, errno.EROFS)


def write_failure(what: str, folder: Path, error: OSError, mend: str) -> str:
    """One sentence on why ``what`` (a noun) could not be written in ``folder``, and the mend."""
    if error.errno in _FULL:
        return f"The disk is full: the {what} does not fit in {folder}; make room, or {mend}."
    why = "no write access" if error.errno in _DENIED else error.strerror or error
    return f"The {what} cannot be written in {folder} ({why}); {mend}."
