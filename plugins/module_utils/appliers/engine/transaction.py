# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keep on record what a package transaction is about to do, until it has ended.

So the next run knows that a transaction that was cut off is ours, and finishes it.
"""

import contextlib
import json
from typing import Dict, Iterator, Mapping

from ...observers.packages.transaction import read_begun
from ...words.observations.transaction import BegunPackage
from ...words.paths import STATE_MODE, TRANSACTION_RECORD
from ..host.files import remove, write

_SCHEMA_VERSION = 1


@contextlib.contextmanager
def on_record(packages: Mapping[str, BegunPackage]) -> Iterator[None]:
    """Keep on record that these packages are ours to finish, until all of them are.

    A transaction that fails stays on record, as one that is cut off does.
    """
    _write(dict(read_begun(), **packages))
    yield
    forget_begun(packages)


def forget_begun(packages: Mapping[str, BegunPackage]) -> None:
    """Remove from the record what has been finished."""
    begun = read_begun()
    left = {name: each for name, each in begun.items() if name not in packages}
    if left:
        _write(left)
    elif begun:
        remove(TRANSACTION_RECORD)


def _write(packages: Dict[str, BegunPackage]) -> None:
    told = {name: dict(each._asdict()) for name, each in packages.items()}
    contents = {"schema_version": _SCHEMA_VERSION, "packages": told}
    text = json.dumps(contents, indent=2, sort_keys=True) + "\n"
    write(TRANSACTION_RECORD, text, mode=0o600, folder_mode=STATE_MODE)
