# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Look for package transactions that have not ended: ours, by our record, and anybody's."""

import json
from typing import Dict, Mapping, Sequence

from ...words.observations.host import PackageObserved
from ...words.observations.transaction import (
    NUMBER_LOCKS,
    RECORD_LOCKS,
    BegunPackage,
    TransactionObserved,
    UnfinishedPackage,
)
from ...words.paths import TRANSACTION_RECORD
from ..host import command
from ..host.files import is_roots_own, observe_file
from .locks import see_holder
from .packages import observe_packages

_FORMAT = (
    "${binary:Package}\\t${Version}\\t${db:Status-Status}\\t${db:Status-Eflag}\\t"
    "${db:Status-Want}\\n"
)
_WHOLE = ("installed", "not-installed", "config-files")


def observe_transaction(
    family: str, packages: Mapping[str, PackageObserved]
) -> TransactionObserved:
    """See which packages are not whole, and whose transaction they belong to.

    :raises CommandFailed: where the package database cannot be asked.
    """
    # This comes before the packages: a transaction that ends meanwhile has left them whole.
    holder = see_holder(RECORD_LOCKS[family], NUMBER_LOCKS[family])
    begun = read_begun()
    if family == "deb":
        unfinished = _unfinished_debs()
    else:
        unfinished = _unfinished_rpms(packages, sorted(set(begun) - set(packages)))
    return TransactionObserved(begun, unfinished, holder.words() if holder else "")


def read_begun() -> Dict[str, BegunPackage]:
    """Read what a run of ours has begun; a record that others could have written names nothing."""
    file = observe_file(TRANSACTION_RECORD)
    if not is_roots_own(file):
        return {}
    try:
        return {
            str(name): BegunPackage(str(each["before"]), str(each["to"]))
            for name, each in json.loads(file.text)["packages"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


def _unfinished_debs() -> Dict[str, UnfinishedPackage]:
    output = command.read(["dpkg-query", "-W", "-f=" + _FORMAT])
    if output.status:
        raise command.CommandFailed("dpkg-query: %s" % output.stderr.strip())
    return parse_unfinished(output.stdout)


def _unfinished_rpms(
    packages: Mapping[str, PackageObserved], more: Sequence[str]
) -> Dict[str, UnfinishedPackage]:
    seen = dict(packages, **(observe_packages("rpm", more) if more else {}))
    return {
        name: UnfinishedPackage(version=each.version, state=each.state)
        for name, each in seen.items()
        if each.state
    }


def parse_unfinished(text: str) -> Dict[str, UnfinishedPackage]:
    """Read lines of name, version, status, error flag and selection; skip whole packages."""
    unfinished = {}
    for line in text.splitlines():
        name, version, state, flag, wanted = line.split("\t")
        if state not in _WHOLE or flag == "reinstreq":
            unfinished[name] = UnfinishedPackage(
                version=version, state=state, reinstall=flag == "reinstreq", wanted=wanted
            )
    return unfinished
