# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask the package database, and nothing else, what is installed."""

from typing import Dict, Sequence

from ...words.observations.host import PackageObserved
from ..host import command

_DPKG_FORMAT = "${Package}\\t${Version}\\t${db:Status-Status}\\t${db:Status-Want}\\n"


def observe_packages(family: str, names: Sequence[str]) -> Dict[str, PackageObserved]:
    """Give each named package as the database of this family has it.

    :raises CommandFailed: where the database cannot be asked.
    """
    if family == "deb":
        # dpkg-query ends with 1 where a name is unknown, and still lists the others.
        output = command.read(["dpkg-query", "-W", "-f=" + _DPKG_FORMAT] + list(names))
        if output.status > 1:
            raise command.CommandFailed("dpkg-query: %s" % output.stderr.strip())
        found = parse_dpkg(output.stdout)
    else:
        argv = ["rpm", "-q", "--qf", "%{NAME}\t%{EPOCHNUM}:%{VERSION}-%{RELEASE}\n"] + list(names)
        # Run as root even a query writes the database's shared-memory index.
        output = command.read(argv, as_nobody=True)
        if "error:" in output.stderr:
            output = command.read(argv)
        # rpm's exit status counts the names that are not installed.
        if "error:" in output.stderr:
            raise command.CommandFailed("rpm: %s" % output.stderr.strip())
        found = parse_rpm(output.stdout)
    return {name: found.get(name, PackageObserved()) for name in names}


def observe_architecture(family: str) -> str:
    """Give the architecture as the family names it: amd64, x86_64.

    :raises CommandFailed: where the package manager cannot be asked.
    """
    argv = ["dpkg", "--print-architecture"] if family == "deb" else ["uname", "-m"]
    output = command.read(argv)
    if output.status:
        raise command.CommandFailed("%s: %s" % (argv[0], output.stderr.strip()))
    return output.stdout.strip()


def parse_dpkg(text: str) -> Dict[str, PackageObserved]:
    """Read lines of name, version, status and selection; a hold is a selection.

    A removed package that has left files behind has no version.
    """
    packages = {}
    for line in text.splitlines():
        name, version, state, want = line.split("\t")
        if state == "installed":
            packages[name] = PackageObserved(version, held=want == "hold")
        elif state in ("not-installed", "config-files"):
            if want == "hold":
                packages[name] = PackageObserved(held=True)
        else:
            packages[name] = PackageObserved(version, state)
    return packages


def parse_rpm(text: str) -> Dict[str, PackageObserved]:
    """Read lines of name and epoch:version-release; "package x is not installed" has no tab.

    A transaction that was cut off leaves the old version beside the new one.
    """
    packages: Dict[str, PackageObserved] = {}
    for line in text.splitlines():
        name, tab, version = line.partition("\t")
        if tab:
            state = "installed twice" if name in packages else ""
            packages[name] = PackageObserved(version, state)
    return packages
