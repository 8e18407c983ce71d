"""Frozen dataclasses to plain JSON values and back, checked against their type hints.

Covers what the rooms' types are made of: dataclasses, tuples of one type, dicts, string enums,
optional values and JSON's own scalars. A field that the JSON lacks takes its default.
"""

from __future__ import annotations

import dataclasses
import types
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")


def encode(value: Any) -> Any:
    """Plain JSON values; fields that equal their default are left out, to keep files small."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: encode(getattr(value, field.name))
            for field in dataclasses.fields(value)
            if getattr(value, field.name) != field.default
        }
    if isinstance(value, (tuple, list)):
        return [encode(item) for item in value]
    if isinstance(value, dict):
        return {str(key): encode(item) for key, item in value.items()}
    return value


def decode(kind: type[T], value: Any) -> T:
    """The ``kind`` that ``encode`` made ``value`` of.

    Raises:
        ValueError: the value does not fit ``kind``; says where.
    """
    return cast(T, _decode(kind, value))


def _decode(kind: Any, value: Any) -> Any:
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = _hints(kind)
        if not isinstance(value, dict) or not value.keys() <= hints.keys():
            raise ValueError(f"not a {kind.__name__}")
        try:
            return kind(**{name: _decode(hints[name], item) for name, item in value.items()})
        except TypeError as error:
            raise ValueError(f"not a {kind.__name__}: {error}") from error
    origin, inner = get_origin(kind), get_args(kind)
    if origin is tuple and isinstance(value, list):
        return tuple(_decode(inner[0], item) for item in value)
    if origin is dict and isinstance(value, dict):
        return {key: _decode(inner[1], item) for key, item in value.items()}
    if origin in (Union, types.UnionType):
        if value is None:
            return None
        return _decode(next(one for one in inner if one is not types.NoneType), value)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(value)
    if isinstance(kind, type) and type(value) is kind:
        return value
    raise ValueError(f"{str(value)[:40]!r} is not a {kind}")


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)
