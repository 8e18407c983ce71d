"""Values that are dear to make, by key: made once, the latest kept, shared by threads."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """At most ``size`` values. Making one keeps nobody waiting but who wants that same one."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._slots: OrderedDict[K, _Slot[V]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: K, make: Callable[[], V]) -> V:
        """The value kept for ``key``, or what ``make`` makes; its errors keep nothing."""
        with self._lock:
            slot = self._slots.setdefault(key, _Slot())
            self._slots.move_to_end(key)
            while len(self._slots) > self._size:
                self._slots.popitem(last=False)
        with slot.lock:
            if not slot.made:
                slot.made = [make()]
            return slot.made[0]


class _Slot(Generic[V]):
    """A value, once it is made."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.made: list[V] = []
