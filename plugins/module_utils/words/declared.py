# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is declared of each resource of a host, and its name in the record of what was applied.

The record keeps a digest under a key, which is the resource and mostly a path.
"""

import hashlib
import json
from typing import Any, NamedTuple

from .resources import Resource

# In place of a path for what is declared wherever it appears: "no such entry in any file".
ANYWHERE = "*"
# In place of a digest for what is ours since a run began to write it, until all of it is done.
BEGUN = ""
# In place of a digest for what is ours if it is unknown what was applied, as on a cloned machine.
UNKNOWN = "?"


class Declared(NamedTuple):
    """One thing that is declared for this host, whether it differs or not.

    ``digest`` stands for the declaration without telling it: two plans that want the same of a
    resource have the same digest. Made by :func:`declare_at` and its like.
    """

    resource: Resource
    role: str
    path: str
    digest: str

    @property
    def key(self) -> str:
        """Its name in the record."""
        return record_key(self.resource, self.path)

    @property
    def is_anywhere(self) -> bool:
        """Whether it holds wherever the resource appears."""
        return self.path == ANYWHERE or self.path.startswith(ANYWHERE + " ")


def declare_at(*, resource: Resource, role: str, path: str, wanted: Any) -> Declared:
    """Declare what is wanted at a path; a value that may be secret is declared by its digest."""
    return declare_by_digest(resource=resource, role=role, path=path, digest=digest(wanted))


def declare_anywhere(*, resource: Resource, role: str, wanted: Any, of: str = "") -> Declared:
    """Declare what is wanted of a resource wherever it appears.

    ``of`` tells whose it is, if several may declare it on a host: a mount point, a file.
    """
    path = anywhere_of(of) if of else ANYWHERE
    return declare_by_digest(resource=resource, role=role, path=path, digest=digest(wanted))


def declare_by_digest(*, resource: Resource, role: str, path: str, digest: str) -> Declared:
    """Declare by a given digest: a salted one of a secret, or a state on record."""
    return Declared(resource=resource, role=role, path=path, digest=digest)


def digest(*values: Any) -> str:
    """Give a digest of a declaration: equal values have equal digests."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode("utf-8")).hexdigest()


def record_key(resource: str, path: str) -> str:
    """Give the record's key of a declared or differing thing."""
    return "%s %s" % (resource, path)


def anywhere_of(subject: str) -> str:
    """Give the path of what one of several declares wherever it appears."""
    return "%s %s" % (ANYWHERE, subject)
