"""Verdicts of readers, kept on this computer as candidates for the evaluation.

One JSON object a line in the user's data folder. Off where the page is served to others, because
a question about one's health belongs to the one who asked it.
"""

from __future__ import annotations

import ipaddress
import json
import os
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from index.paths import home_dir

_LIMIT = 5_000_000  # bytes; the file stops growing there
_lock = threading.Lock()


def verdicts_path() -> Path:
    """Where verdicts are kept: beside the index in the user's data folder."""
    return home_dir() / "verdicts.jsonl"


def keeps_verdicts(host: str) -> bool:
    """On for a loopback host; ``BIJSLUITER_FEEDBACK`` (``1`` or ``0``) overrules."""
    wish = os.environ.get("BIJSLUITER_FEEDBACK", "").strip()
    return wish == "1" if wish in ("0", "1") else is_loopback(host)


def is_loopback(host: str) -> bool:
    """Whether only this computer can reach ``host``."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def keep_verdict(verdict: Mapping[str, object], path: Path) -> None:
    """Append one verdict. Fields: question, language, outcome, good, quotes; a time is added.

    Raises ``OSError`` when the file cannot be written or has reached 5 MB.
    """
    line = json.dumps(
        {"time": datetime.now(UTC).isoformat(timespec="seconds"), **verdict}, ensure_ascii=False
    )
    with _lock:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size + len(line) > _LIMIT:
            raise OSError(f"{path} has reached its limit of {_LIMIT} bytes; move it away")
        with path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
