"""What the figures were measured on, in words that name no person, path or host."""

from __future__ import annotations

import os
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from index import openvino_runtime

_LIBRARIES = (
    *("torch", "sentence-transformers", "openvino", "faiss-cpu", "bm25s"),
    *("langchain-text-splitters", "numpy"),
)
_GIB = 1 << 30


def describe() -> dict[str, str]:
    """Processor, cores, memory, system, Python and the libraries that matter, with the day."""
    return {
        "day": datetime.now(UTC).date().isoformat(),
        "processor": _processor(),
        "cores": str(_cores()),
        "memory": f"{_memory() / _GIB:.0f} GiB",
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        "serving": openvino_runtime.described(),
        "libraries": ", ".join(_versions()),
    }


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        lines = information.read_text("utf-8").splitlines()
        names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
        flags = next((line for line in lines if line.startswith("flags")), "").split()
        units = [
            name
            for name in ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16")
            if name in flags
        ]
        if names:
            return f"{names[0]} ({', '.join(units)})"
    return platform.processor() or platform.machine()


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _versions() -> list[str]:
    found = []
    for name in _LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return found


def peak_bytes() -> int:
    """The most memory that this process has held, in bytes."""
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Linux counts in kibibytes, macOS in bytes.
    return most if sys.platform == "darwin" else most * 1024


def mapped_bytes() -> int:
    """How much of ``resident_bytes`` is of mapped files, which the system may take back at any
    time; 0 where it cannot say."""
    status = Path("/proc/self/statm")
    if not status.exists():
        return 0
    return int(status.read_text("ascii").split()[2]) * os.sysconf("SC_PAGE_SIZE")


def resident_bytes() -> int:
    """The memory that this process holds now, in bytes; the peak where the system cannot say."""
    status = Path("/proc/self/statm")
    if not status.exists():
        return peak_bytes()
    return int(status.read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
