"""Frozen dataclasses to plain JSON values and back, checked against their type hints.

Covers what the rooms' types are made of: dataclasses, tuples of one type, dicts, string enums,
optional values and JSON's own scalars. A field that the JSON lacks takes its default.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")
Decoder = Callable[[Any], Any]


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
    found: T = _decoder(cast(Any, kind))(value)
    return found


@cache
def _decoder(kind: Any) -> Decoder:
    """What checks a value and makes a ``kind`` of it; a kind is looked into once, not each time."""
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _fields_decoder(kind)
    origin, inner = get_origin(kind), get_args(kind)
    if origin is tuple:
        item = _decoder(inner[0])
        return _of(list, kind, lambda value: tuple(map(item, value)))
    if origin is dict:
        entry = _decoder(inner[1])
        return _of(dict, kind, lambda value: {key: entry(each) for key, each in value.items()})
    if origin in (Union, types.UnionType):
        some = _decoder(next(one for one in inner if one is not types.NoneType))
        return lambda value: None if value is None else some(value)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind
    return _of(kind, kind, lambda value: value)


def _of(wanted: Any, kind: Any, make: Decoder) -> Decoder:
    def decoded(value: Any) -> Any:
        if type(value) is not wanted:
            raise ValueError(f"{str(value)[:40]!r} is not a {kind}")
        return make(value)

    return decoded


def _fields_decoder(kind: Any) -> Decoder:
    fields = {name: _decoder(hint) for name, hint in get_type_hints(kind).items()}

    def decoded(value: Any) -> Any:
        if not isinstance(value, dict) or not value.keys() <= fields.keys():
            raise ValueError(f"not a {kind.__name__}")
        try:
            return kind(**{name: fields[name](item) for name, item in value.items()})
        except TypeError as error:
            raise ValueError(f"not a {kind.__name__}: {error}") from error

    return decoded
