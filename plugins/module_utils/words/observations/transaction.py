# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a look found at package transactions: the one that we began, and packages not whole.

Types only, and the locks of the package managers.
"""

from typing import Dict, NamedTuple, Tuple

# Record locks (fcntl(2)): apt's for a whole run, dpkg's for each of its runs, and rpm's.
RECORD_LOCKS = {
    "deb": ("/var/lib/dpkg/lock-frontend", "/var/lib/dpkg/lock"),
    "rpm": ("/var/lib/rpm/.rpm.lock", "/usr/lib/sysimage/rpm/.rpm.lock"),
}
# Files that hold the PID of the process that took the lock.
NUMBER_LOCKS: Dict[str, Tuple[str, ...]] = {
    "deb": (),
    "rpm": (
        "/var/lib/dnf/rpmdb_lock.pid",
        "/var/cache/dnf/metadata_lock.pid",
        "/var/cache/dnf/download_lock.pid",
    ),
}
# rpm's database has no state of a package; a cut-off transaction leaves two versions of one.
TWICE = "installed twice"


class BegunPackage(NamedTuple):
    """What a transaction of ours was to do with a package; both are empty where that is unknown."""

    before: str = ""
    to: str = ""


class UnfinishedPackage(NamedTuple):
    """A package that is not whole, in dpkg's words for its status; ``state`` is that status.

    ``reinstall`` tells that dpkg wants it unpacked again before anything else, ``wanted`` is its
    selection: install, hold, deinstall or purge.
    """

    version: str = ""
    state: str = ""
    reinstall: bool = False
    wanted: str = "install"


class TransactionObserved(NamedTuple):
    """Package transactions on a host.

    ``begun`` are the packages of a transaction that a run of ours began and did not end.
    ``unfinished`` are all packages of the host that are not whole. ``busy`` names the process that
    uses the package manager now, to whose work they may belong.
    """

    begun: Dict[str, BegunPackage] = {}
    unfinished: Dict[str, UnfinishedPackage] = {}
    busy: str = ""
