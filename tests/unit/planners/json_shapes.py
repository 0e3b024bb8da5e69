"""Read JSON into named tuples by the types of their fields, and refuse a key that means nothing.

A named tuple is an object whose keys are fields, or a list of the first fields in their order. A
tuple is a list. The keys of a ``Dict`` are free, and so is all that is ``Any``.

A shape is such a type, or a dictionary of the keys that an object may have, each with its shape; a
list of such objects has the shape of one. Runs on Python 3.6.
"""

import difflib
from functools import lru_cache
from typing import Any, Callable, Dict, Iterable, Mapping, Tuple, Union, get_type_hints

Shape = Any
# By type: the shape in which JSON says it, where that is another.
Shapes = Mapping[Any, Shape]
# By type: what writes out in full what JSON says in short.
Readers = Mapping[Any, Callable[[Any], Any]]


class BadFile(Exception):
    """A file says something that nobody reads, or cannot be read."""


def require_known_keys(value: Any, shape: Shape, where: str, shapes: Shapes) -> None:
    """Hold what a file says to a shape.

    :raises BadFile: that tells where, and which keys there may be.
    """
    shape = _without_none(shape)
    if not isinstance(shape, dict):
        shape = shapes.get(shape, shape)
    if isinstance(value, list):
        for number, each in enumerate(value):
            require_known_keys(each, _shape_in_list(shape, number), f"{where}[{number}]", shapes)
    elif isinstance(value, dict):
        known = shape if isinstance(shape, dict) else fields(shape)
        for key, each in value.items():
            if known is not None and key not in known:
                raise BadFile(unread(f"{where or 'the file'} has the key {key}", key, known))
            of_key = _shape_of_values(shape) if known is None else known[key]
            require_known_keys(each, of_key, f"{where}.{key}" if where else key, shapes)


def made(value: Any, shape: Shape, readers: Readers) -> Any:
    """Make what a type stands for of what JSON says."""
    if value is None and _without_none(shape) is not shape:
        return None
    shape = _without_none(shape)
    if fields(shape) is not None and isinstance(value, shape):
        return value
    if shape in readers:
        value = readers[shape](value)
    known = fields(shape)
    if known is not None and isinstance(value, list):
        if len(value) > len(known):
            raise ValueError(f"{shape.__name__} has no field for the last of {value}")
        value = dict(zip(known, value))
    if known is not None and isinstance(value, dict):
        return shape(**{name: made(each, known[name], readers) for name, each in value.items()})
    if isinstance(value, dict):
        return {name: made(each, _shape_of_values(shape), readers) for name, each in value.items()}
    if isinstance(value, list) and _is_a(shape, tuple, Tuple):
        parts = [made(each, _shape_in_list(shape, at), readers) for at, each in enumerate(value)]
        return tuple(parts)
    return value


def unread(what: str, name: str, known: Iterable[str]) -> str:
    """Say that nobody reads something, and what there is of its kind, with what is near first."""
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.7)
    meant = f" Is it {' or '.join(near)}?" if near else ""
    return f"{what}, which nobody reads.{meant} It may have: {', '.join(sorted(known))}."


@lru_cache(maxsize=None)
def fields(shape: Shape) -> Any:
    """Give the fields of a named tuple with their types, and None of anything else."""
    return get_type_hints(shape) if hasattr(shape, "_fields") else None


def _is_a(shape: Shape, *origins: Any) -> bool:
    # Until Python 3.6 the origin of Dict[str, int] is Dict, since then dict.
    return getattr(shape, "__origin__", None) in origins


def _without_none(shape: Shape) -> Shape:
    if _is_a(shape, Union):
        (shape,) = [each for each in shape.__args__ if each is not type(None)]
    return shape


def _shape_of_values(shape: Shape) -> Shape:
    return shape.__args__[1] if _is_a(shape, dict, Dict) else Any


def _shape_in_list(shape: Shape, number: int) -> Shape:
    if isinstance(shape, dict):
        return shape
    if _is_a(shape, tuple, Tuple) and shape.__args__[-1] is Ellipsis:
        return shape.__args__[0]
    in_order = shape.__args__ if _is_a(shape, tuple, Tuple) else (fields(shape) or {}).values()
    return dict(enumerate(in_order)).get(number, Any)
