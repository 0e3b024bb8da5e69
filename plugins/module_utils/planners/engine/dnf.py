# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The commands of a package transaction with dnf, and the reading of their output."""

import re
from typing import Dict, List, Mapping, Sequence, Tuple

from ...words.observations.transaction import NUMBER_LOCKS, RECORD_LOCKS
from .transaction import HOLD_BACK

# A site that hangs is given up in bounded time; each try takes `timeout` seconds (dnf.conf(5)).
_BOUNDS = ["--setopt=timeout=10", "--setopt=retries=1", "--setopt=exit_on_lock=1"]
ENVIRONMENT = dict(HOLD_BACK)
# Our transactions change what we hold, and hold it again. What dnf would remove by itself is asked
# before. Somebody else's unreachable repository is no reason to stop: ours was looked into.
_WITHOUT_OTHERS = ["--setopt=*.skip_if_unavailable=1"]
_OURS = ["--disableplugin=versionlock", "--allowerasing"] + _WITHOUT_OTHERS
_NO_MORE = ["--setopt=clean_requirements_on_remove=0"]
# rpm has a record lock (fcntl(2)), wherever its database lies; dnf writes its PID into a file.
LOCKS = RECORD_LOCKS["rpm"]
LOCK_NUMBERS = NUMBER_LOCKS["rpm"]
# With exit_on_lock dnf says so instead of waiting for ever (dnf.conf(5)).
LOCKED = re.compile(r"Failed to obtain the (?:transaction|\w+) lock|already locked by|can't create")


def place(path: str) -> str:
    """Give the place of the host's repository file in a folder that replaces them."""
    return path.rpartition("/")[2]


def probe(folder: str, repository: str) -> List[str]:
    """Fetch the metadata of a repository file in a folder, as if it were the host's."""
    return ["dnf", "-y"] + _only_ours(folder, repository) + _BOUNDS + ["--refresh", "makecache"]


def list_offered(folder: str, repository: str, names: Sequence[str]) -> List[str]:
    """List the versions in a probed repository, oldest first."""
    listing = ["list", "--showduplicates"] + list(names)
    return ["dnf", "-y", "-q", "-C"] + _only_ours(folder, repository) + listing


def parse_offered(text: str) -> Dict[str, List[str]]:
    """Read ``dnf list`` into versions, newest first.

    Its three columns may be wrapped over lines, so it is read in groups of three words.
    """
    _head, _heading, available = text.lower().partition("available packages")
    offset = len(text) - len(available) if available else len(text)
    words = text[offset:].split()
    versions: Dict[str, List[str]] = {}
    for name, version in zip(words[::3], words[1::3]):
        versions.setdefault(name.rpartition(".")[0], []).insert(0, version)
    return versions


def without_plugins(argv: Sequence[str]) -> Tuple[str, ...]:
    """Ask without anybody's plugins: any of them may act, and a question needs none."""
    return (argv[0], "--noplugins") + tuple(argv[1:])


def preview(folder: str, versions: Mapping[str, str]) -> List[str]:
    """Say what an installation would do, without doing it.

    The folder holds the host's repository files as they will be, and replaces the present ones.
    """
    return _preview(folder, "install", versions)


def preview_again(folder: str, versions: Mapping[str, str]) -> List[str]:
    """Say what reinstalling the present versions would do, without doing it."""
    return _preview(folder, "reinstall", versions)


def try_download(folder: str, versions: Mapping[str, str]) -> List[str]:
    """Download what would be installed and check its signatures, since the metadata is not signed.

    The following transaction uses the downloads.
    """
    return _download(folder, "install", versions)


def try_download_again(folder: str, versions: Mapping[str, str]) -> List[str]:
    """Download what would be reinstalled, and check its signatures."""
    return _download(folder, "reinstall", versions)


def preview_removal(old: Sequence[str]) -> List[str]:
    """Say what removing old packages would take away, without doing it."""
    return ["dnf", "--assumeno"] + _BOUNDS + _NO_MORE + ["remove"] + list(old)


def reinstall(versions: Mapping[str, str]) -> List[str]:
    """Reinstall the present versions; of two versions only this one stays."""
    return ["dnf", "-y", "-q"] + _BOUNDS + _OURS + ["reinstall"] + _pins(versions)


def parse_touched(text: str) -> List[str]:
    """Read what a preview would install, upgrade or reinstall, with dependencies."""
    touched, inside = [], False
    for line in text.splitlines():
        heading = re.match(r"^(\w[\w ]*):?\s*$", line)
        row = re.match(r"^ (\S+)", line)
        if heading:
            inside = bool(re.match(r"Install|Upgrad|Downgrad|Reinstall", heading.group(1)))
        elif inside and row:
            touched.append(row.group(1))
    return touched


def parse_removed(text: str) -> List[str]:
    """Read what a preview would remove: the tables under headings that begin with Removing.

    A package that another one replaces is in no such table, but on a line under the other one.
    """
    removed, inside = [], False
    for line in text.splitlines():
        heading = re.match(r"^(\w[\w ]*):?\s*$", line)
        row = re.match(r"^ (\S+)", line)
        replaced = re.match(r"^ {5}replacing\s+(\S+)\.[^.\s]+ ", line)
        if replaced:
            removed.append(replaced.group(1))
        if heading:
            inside = heading.group(1).startswith("Removing")
        elif inside and row:
            removed.append(row.group(1))
    return removed


def remove(old: Sequence[str]) -> List[str]:
    """Remove old packages, and none that only came with them."""
    return ["dnf", "-y", "-q"] + _BOUNDS + _NO_MORE + ["remove"] + list(old)


def install(versions: Mapping[str, str]) -> List[str]:
    """Install exactly these versions in one transaction."""
    return ["dnf", "-y", "-q"] + _BOUNDS + _OURS + ["install"] + _pins(versions)


def install_newest(names: Sequence[str]) -> List[str]:
    """Install packages of the distribution, whatever their version."""
    return ["dnf", "-y", "-q"] + _BOUNDS + _WITHOUT_OTHERS + ["install"] + list(names)


def ask_sources(repositories: Sequence[str], names: Sequence[str]) -> Tuple[Tuple[str, ...], ...]:
    """Ask which of some repositories have these packages; an unreachable one has none."""
    argv = ["dnf", "-y", "-q"] + _BOUNDS + ["--disablerepo=*"]
    argv.extend("--enablerepo=%s" % each for each in repositories)
    argv.extend(_WITHOUT_OTHERS + ["--disableplugin=versionlock", "repoquery"])
    argv.extend(["--available", "--queryformat=%{name}\t%{repoid}\n"])
    return (tuple(argv + list(names)),)


def parse_sources(text: str) -> Dict[str, List[str]]:
    """Read lines of name and repository, as asked for; dnf's other lines have no tab."""
    found: Dict[str, List[str]] = {}
    for line in text.splitlines():
        name, tab, repository = line.partition("\t")
        if tab and repository not in found.setdefault(name, []):
            found[name].append(repository)
    return found


def _preview(folder: str, deed: str, versions: Mapping[str, str]) -> List[str]:
    return ["dnf", "--assumeno"] + _in_place(folder) + _BOUNDS + _OURS + [deed] + _pins(versions)


def _pins(versions: Mapping[str, str]) -> List[str]:
    return ["%s-%s" % (name, version) for name, version in versions.items()]


def _download(folder: str, deed: str, versions: Mapping[str, str]) -> List[str]:
    download = [deed, "--downloadonly"] + _pins(versions)
    return ["dnf", "-y"] + _in_place(folder) + _BOUNDS + _OURS + download


def _in_place(folder: str) -> List[str]:
    return ["--setopt=reposdir=%s,/etc/yum/repos.d,/etc/distro.repos.d" % folder]


def _only_ours(folder: str, repository: str) -> List[str]:
    return [
        "--setopt=reposdir=%s" % folder,
        "--disablerepo=*",
        "--enablerepo=%s" % repository,
        "--setopt=%s.skip_if_unavailable=0" % repository,
        "--disableplugin=versionlock",
    ]
