# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a look found of package transactions: the one a run of ours began, and what is not whole.

Types only, and where the package managers lock.
"""

from typing import Dict, NamedTuple, Tuple

# Record locks (fcntl(2)): apt's around everything, dpkg's around each of its runs; rpm's.
RECORD_LOCKS = {
    "deb": ("/var/lib/dpkg/lock-frontend", "/var/lib/dpkg/lock"),
    "rpm": ("/var/lib/rpm/.rpm.lock", "/usr/lib/sysimage/rpm/.rpm.lock"),
}
# Files that hold the number of the process that has locked.
NUMBER_LOCKS: Dict[str, Tuple[str, ...]] = {
    "deb": (),
    "rpm": (
        "/var/lib/dnf/rpmdb_lock.pid",
        "/var/cache/dnf/metadata_lock.pid",
        "/var/cache/dnf/download_lock.pid",
    ),
}
# rpm's database has no state of a package; two versions of one are what a cut leaves there.
TWICE = "installed twice"


class BegunPackage(NamedTuple):
    """What a transaction of ours was to do with a package: both empty where nobody has said."""

    before: str = ""
    to: str = ""


class UnfinishedPackage(NamedTuple):
    """A package that is not whole, in the words of deb-status: ``state`` is its status.

    ``reinstall`` tells that dpkg wants it unpacked again before anything else, ``wanted`` is its
    selection: install, hold, deinstall, purge.
    """

    version: str = ""
    state: str = ""
    reinstall: bool = False
    wanted: str = "install"


class TransactionObserved(NamedTuple):
    """Package transactions on a host.

    ``begun`` are the packages of a transaction that a run of ours has begun and not ended;
    ``unfinished`` are all packages of the host that are not whole; ``busy`` names the process that
    is at work with the package manager, to which they may belong.
    """

    begun: Dict[str, BegunPackage] = {}
    unfinished: Dict[str, UnfinishedPackage] = {}
    busy: str = ""
