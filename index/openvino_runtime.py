"""OpenVINO, which serves the packaged encoder and the reader on the processor.

Weights in bytes are multiplied in 8 bits, with 8-bit activations, a scale for ``GROUP`` of either,
where the processor has instructions for that. All else is computed in bfloat16 where it has those,
in single precision elsewhere. Batches run beside each other, each by one thread or a few.

A model is compiled once and kept in the user's cache, so that a later start only reads it. What is
kept is named after everything that it depends on and ends in its own sha256; of a model only the
last one kept stays.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.paths import cache_dir

Inputs = Mapping[str, NDArray[Any]]

_FORMAT = 3  # of what is kept; raise it when a graph changes that has the same weights
_DEVICE = "CPU"
GROUP = 96  # weights with one scale, and activations; of 32 a seventh slower, of 384 no faster
_MOST_STREAMS = 8  # models that run beside each other; more cores share them
_TOOLS = "openvino.tools.ovc"


_importing = threading.Lock()


def openvino() -> Any:
    """The library, ready for threads."""
    with _importing:
        return _imported()


@cache
def _imported() -> Any:
    """The library, without its conversion tools: importing those sends a count to their maker.

    ``openvino`` imports them if it can (they are no part of inference), and they tell Google
    Analytics of every import unless the user has opted out. Promise 2: nothing is sent.
    """
    barred = _TOOLS not in sys.modules and "openvino" not in sys.modules
    if barred:
        sys.modules[_TOOLS] = None  # type: ignore[assignment]  # so that importing it fails
    try:
        import openvino as library
    finally:
        if barred:
            del sys.modules[_TOOLS]
    # Its table of number types is made when it is first wanted. Two threads that want it at once
    # wait for each other for ever: one for the table, the other, which makes it, for Python's lock.
    library.Tensor(np.zeros(1, dtype=np.float32)).element_type.to_dtype()
    return library


def threads() -> int:
    """Of every model, the encoder's and the reader's: one a core, or ``OMP_NUM_THREADS``."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return int(asked) if asked.isdecimal() and int(asked) > 0 else os.cpu_count() or 1


def precision() -> str:
    """``bf16`` where the processor computes in it, else ``f32``."""
    able = _core().get_property(_DEVICE, "OPTIMIZATION_CAPABILITIES")
    return "bf16" if "BF16" in able else "f32"


def described() -> str:
    """What serves and how precisely, for reports."""
    version = openvino().__version__.split("-")[0]
    return f"OpenVINO {version}, {precision()}, 8-bit activations where the processor has them"


class Compiled:
    """A model that is ready to run. Safe to share between threads; no lock is held while it runs.

    OpenVINO runs as many batches at a time as there are workers. A worker opens the model, while
    the caller goes on with other things; a batch that comes alone is run by the caller itself,
    for which waking a worker would take longer.
    """

    def __init__(self, opened: Callable[[], Any], workers: int) -> None:
        self._workers = ThreadPoolExecutor(workers, thread_name_prefix="openvino")
        self._model = self._workers.submit(opened)
        self._ahead = 2 * workers
        self._idle: deque[Any] = deque()  # requests: as many as ever ran at a time

    def run(self, batches: Iterable[Inputs]) -> Iterator[NDArray[np.float32]]:
        """The output for each batch, in their order; a few batches are taken ahead."""
        rest = iter(batches)
        first = list(islice(rest, 2))
        if len(first) == 1:
            yield self._infer(first[0])
            return
        running: deque[Future[NDArray[np.float32]]] = deque()
        for inputs in chain(first, rest):
            running.append(self._workers.submit(self._infer, inputs))
            if len(running) > self._ahead:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()

    def _infer(self, inputs: Inputs) -> NDArray[np.float32]:
        try:
            request = self._idle.pop()
        except IndexError:
            request = self._model.result().create_infer_request()
        output = np.array(request.infer(dict(inputs), share_inputs=True)[0], dtype=np.float32)
        self._idle.append(request)
        return output


def compiled(name: str, made_of: str, make: Callable[[], Any], threads_each: int = 1) -> Compiled:
    """The model that ``make`` builds, from the cache where it is kept already.

    ``name`` says what it is (``encoder``) and ``made_of`` tells its weights from all others; so
    many threads work at a batch together, and as many batches at a time as that leaves threads for.
    """
    workers = max(1, min(threads() // threads_each, _MOST_STREAMS))
    settings = {
        "INFERENCE_PRECISION_HINT": precision(),
        "DYNAMIC_QUANTIZATION_GROUP_SIZE": str(GROUP),
        "NUM_STREAMS": workers,
        "INFERENCE_NUM_THREADS": threads(),
        "ENABLE_CPU_PINNING": False,  # the cores are not ours alone
    }
    stem = f"{name}-{_key(made_of)}"

    def fresh() -> Any:
        model = _core().compile_model(make(), _DEVICE, settings)
        _keep(name, stem, model.export_model().getvalue())
        return model

    kept = _kept(stem)
    if kept is None:
        model = fresh()  # now, so that what is wrong with the weights is told here
        return Compiled(lambda: model, workers)

    def opened() -> Any:
        try:
            return _core().import_model(kept, _DEVICE, settings)
        except RuntimeError:  # not as this build of the library wrote it
            return fresh()

    return Compiled(opened, workers)


def worked_out(model: Any, inputs: Inputs) -> list[NDArray[np.float32]]:
    """All outputs of a model that is run once, in single precision: for what a model is made by."""
    exact = {"INFERENCE_PRECISION_HINT": "f32", "DYNAMIC_QUANTIZATION_GROUP_SIZE": "0"}
    found = _core().compile_model(model, _DEVICE, exact)(dict(inputs))
    return [np.array(found[at]) for at in range(len(found))]


@cache
def _core() -> Any:
    return openvino().Core()


# The cache ----------------------------------------------------------------------------------


def _folder() -> Path:
    return cache_dir() / "models" / "compiled"


def _key(made_of: str) -> str:
    """Of the weights, the library and the processor: what is compiled for one fits no other."""
    device = _core().get_property(_DEVICE, "FULL_DEVICE_NAME")
    able = sorted(_core().get_property(_DEVICE, "OPTIMIZATION_CAPABILITIES"))
    whole = f"{_FORMAT} {openvino().__version__} {device} {able} {precision()} {GROUP} {made_of}"
    return hashlib.sha256(whole.encode()).hexdigest()[:32]


def _kept(stem: str) -> bytes | None:
    """What is in the cache under this name, if it is there and whole."""
    for file in _folder().glob(f"{stem}.*.blob"):
        try:
            content = file.read_bytes()
        except OSError:
            continue
        if hashlib.sha256(content).hexdigest() == file.name.split(".")[1]:
            return content
    return None


def _keep(name: str, stem: str, content: bytes) -> None:
    """Put it into the cache, whole or not at all, in the place of what ``name`` was before."""
    folder = _folder()
    partial: str | None = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        before = [*folder.glob(f"{name}-*"), *folder.glob(f".{stem}.*")]
        number, partial = tempfile.mkstemp(prefix=f".{stem}.", dir=folder)
        with open(number, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        os.chmod(partial, 0o644)  # mkstemp makes files private; a cache may be shared
        target = folder / f"{stem}.{hashlib.sha256(content).hexdigest()}.blob"
        os.replace(partial, target)
        for file in before:
            if file != target:
                file.unlink(missing_ok=True)
    except OSError:  # full or not ours to write: it is compiled at every start, and serves
        if partial is not None:
            Path(partial).unlink(missing_ok=True)
