# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Count keys in a bolt database without its lock; containerd keeps its metadata in one.

The format is bbolt's (page.go, bucket.go): two meta pages, of which the newer counts, lead to a
tree of pages. A page is never changed in place, so a reader beside a writer sees an older state.
Where a page was used again meanwhile, the reader may find it damaged and say so.
"""

import struct
from typing import BinaryIO, Iterator, List, NamedTuple, Optional, Sequence, Tuple

_MAGIC = 0xED0CDAED
_BRANCH, _LEAF, _META = 0x01, 0x02, 0x04
_PAGE_HEADER = struct.Struct("<QHHI")
_META_BODY = struct.Struct("<IIIIQQQQQ")
_BRANCH_ELEMENT = struct.Struct("<IIQ")
_LEAF_ELEMENT = struct.Struct("<IIII")
_BUCKET = struct.Struct("<QQ")
_IS_BUCKET = 0x01
# The second page begins after one page, of this machine's size or that of the file's maker.
_PLACES_OF_META = (0, 4096, 16384, 65536)
# No real tree is as deep; a damaged one may lead round in circles.
_DEEPEST = 32
_LARGEST_PAGE = 64 * 1024 * 1024


class Damaged(Exception):
    """The file is no bolt database, or was changed while it was read."""


class _Meta(NamedTuple):
    page_size: int
    root: int
    transaction: int


class _Bucket(NamedTuple):
    """A bucket: the page that it begins with or, if it is small, its only page itself."""

    root: int
    inline: bytes = b""


def count_keys(file: BinaryIO, path: Sequence[bytes]) -> int:
    """Count the keys of a bucket, named by the buckets that lead to it; 0 where it is missing.

    :raises Damaged: where the file's pages cannot be followed.
    :raises OSError: where it cannot be read.
    """
    return len(_keys(file, path))


def bucket_names(file: BinaryIO, path: Sequence[bytes]) -> List[bytes]:
    """Name the buckets in a bucket; none where there is no such bucket.

    :raises Damaged: where the file's pages cannot be followed.
    :raises OSError: where it cannot be read.
    """
    return [key for key, is_bucket in _keys(file, path) if is_bucket]


def _keys(file: BinaryIO, path: Sequence[bytes]) -> List[Tuple[bytes, bool]]:
    """Give the keys of a bucket, each with whether it is a bucket itself."""
    try:
        meta = _newest_meta(file)
        bucket = _Bucket(meta.root)
        for name in path:
            leaves = _leaves(file, meta, bucket)
            found = [value for key, value, is_bucket in leaves if is_bucket and key == name]
            if not found:
                return []
            root, _sequence = _BUCKET.unpack_from(found[0])
            bucket = _Bucket(root, b"" if root else found[0][_BUCKET.size :])
        return [(key, is_bucket) for key, _value, is_bucket in _leaves(file, meta, bucket)]
    except (struct.error, OverflowError) as error:
        # A damaged page number may lie beyond the end of the file.
        raise Damaged(str(error))


def _newest_meta(file: BinaryIO) -> _Meta:
    metas = []
    for place in _PLACES_OF_META:
        file.seek(place)
        meta = _meta(file.read(_PAGE_HEADER.size + _META_BODY.size))
        if meta is not None and place in (0, meta.page_size):
            metas.append(meta)
    if not metas:
        raise Damaged("it does not begin as a bolt database does")
    return max(metas, key=lambda meta: meta.transaction)


def _meta(page: bytes) -> Optional[_Meta]:
    if len(page) < _PAGE_HEADER.size + _META_BODY.size:
        return None
    _number, flags, _count, _overflow = _PAGE_HEADER.unpack_from(page)
    body = _META_BODY.unpack_from(page, _PAGE_HEADER.size)
    magic, _version, page_size, _flags, root, _sequence, _free, _pages, transaction = body
    if not flags & _META or magic != _MAGIC or not page_size:
        return None
    return _Meta(page_size, root, transaction)


def _leaves(
    file: BinaryIO, meta: _Meta, bucket: _Bucket, depth: int = 0
) -> Iterator[Tuple[bytes, bytes, bool]]:
    """Give key, value and whether the value is a bucket, for everything in a bucket."""
    if depth > _DEEPEST:
        raise Damaged("its pages lead round in circles")
    page = bucket.inline or _page(file, meta, bucket.root)
    _number, flags, count, _overflow = _PAGE_HEADER.unpack_from(page)
    for index in range(count):
        if flags & _BRANCH:
            place = _PAGE_HEADER.size + index * _BRANCH_ELEMENT.size
            _offset, _size, number = _BRANCH_ELEMENT.unpack_from(page, place)
            yield from _leaves(file, meta, _Bucket(number), depth + 1)
        elif flags & _LEAF:
            place = _PAGE_HEADER.size + index * _LEAF_ELEMENT.size
            kind, offset, key_size, value_size = _LEAF_ELEMENT.unpack_from(page, place)
            begin = place + offset
            end = begin + key_size + value_size
            if end > len(page):
                raise Damaged("a value reaches beyond its page")
            yield (
                page[begin : begin + key_size],
                page[begin + key_size : end],
                bool(kind & _IS_BUCKET),
            )
        else:
            raise Damaged("page %d is of no known kind" % bucket.root)


def _page(file: BinaryIO, meta: _Meta, number: int) -> bytes:
    file.seek(number * meta.page_size)
    head = file.read(_PAGE_HEADER.size)
    _number, _flags, _count, overflow = _PAGE_HEADER.unpack_from(head)
    size = (overflow + 1) * meta.page_size
    if size > _LARGEST_PAGE:
        raise Damaged("page %d is larger than any" % number)
    return head + file.read(size - len(head))
