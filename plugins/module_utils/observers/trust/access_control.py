# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read a file's access control list (acl(5)) in the kernel's own form.

The form is in the kernel's include/uapi/linux/posix_acl_xattr.h: a version of four bytes, then tag,
permissions and number of each entry, little endian.
"""

import grp
import os
import pwd
import struct
from typing import Callable, List, NamedTuple, Tuple

ACCESS_LIST = "system.posix_acl_access"
DEFAULT_LIST = "system.posix_acl_default"
_VERSION = 2
_HEADER = struct.Struct("<I")
_ENTRY = struct.Struct("<HHI")
# The tags of entries, and the permission to write (include/uapi/linux/posix_acl.h).
_NAMED_USER, _NAMED_GROUP, _MASK = 0x02, 0x08, 0x10
_WRITE = 0x02


class Entry(NamedTuple):
    """A named entry: whether it is a group's, the number, and the permissions after the mask."""

    is_group: bool
    number: int
    permissions: int


def read_entries(path: str, name: str = ACCESS_LIST) -> Tuple[Entry, ...]:
    """Read the named entries of a path's list; none where it has no list."""
    try:
        return parse_entries(os.getxattr(path, name, follow_symlinks=False))
    except OSError:
        return ()


def parse_entries(packed: bytes) -> Tuple[Entry, ...]:
    """Read the named entries of a list; none where it has another form."""
    if len(packed) < _HEADER.size or _HEADER.unpack_from(packed)[0] != _VERSION:
        return ()
    body = packed[_HEADER.size :]
    whole = len(body) - len(body) % _ENTRY.size
    entries = list(_ENTRY.iter_unpack(body[:whole]))
    mask = next((permissions for tag, permissions, _number in entries if tag == _MASK), 0o7)
    return tuple(
        Entry(tag == _NAMED_GROUP, number, permissions & mask)
        for tag, permissions, number in entries
        if tag in (_NAMED_USER, _NAMED_GROUP)
    )


def writers(path: str, name: str = ACCESS_LIST) -> Tuple[str, ...]:
    """Name whom a path's list lets write, besides root."""
    return tuple(spoken(each) for each in read_entries(path, name) if each.number and writes(each))


def writes(entry: Entry) -> bool:
    """Whether an entry permits writing."""
    return bool(entry.permissions & _WRITE)


def permitted(entry: Entry) -> str:
    """Give an entry's permissions in the form of setfacl(1)."""
    return "".join(
        letter if entry.permissions & bit else "-"
        for letter, bit in (("r", 0x04), ("w", _WRITE), ("x", 0x01))
    )


def spoken(entry: Entry) -> str:
    """Name an entry in the form of setfacl(1): user:bob, group:users."""
    name: Callable[[int], str] = group_name if entry.is_group else user_name
    return "%s:%s" % ("group" if entry.is_group else "user", name(entry.number))


def user_name(uid: int) -> str:
    """Name a user, by number if it has no name."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def group_name(gid: int) -> str:
    """Name a group, by number if it has no name."""
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def members_of(gid: int) -> List[str]:
    """Name the members of a group, as far as name services enumerate them."""
    try:
        listed = list(grp.getgrgid(gid).gr_mem)
    except KeyError:
        listed = []
    return listed + [each.pw_name for each in pwd.getpwall() if each.pw_gid == gid]
