# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The commands of a package transaction with apt, and the reading of their output."""

import re
from typing import Dict, List, Mapping, NamedTuple, Sequence, Tuple

from ...words.observations.transaction import RECORD_LOCKS
from .transaction import HOLD_BACK

# A site that hangs is given up in bounded time (apt.conf(5)).
_BOUNDS = [
    "-o",
    "Acquire::http::Timeout=15",
    "-o",
    "Acquire::https::Timeout=15",
    "-o",
    "Acquire::Retries=1",
]
# A host may have configured purges for removals, or the removal of unneeded packages (apt.conf(5)).
_REMOVE_NO_MORE = ["-o", "APT::Get::Purge=false", "-o", "APT::Get::AutomaticRemove=false"]
# apt's and dpkg's lock files (fcntl(2) record locks).
LOCKS = RECORD_LOCKS["deb"] + ("/var/lib/apt/lists/lock", "/var/cache/apt/archives/lock")
LOCKED = re.compile(
    r"Could not get lock|Unable to (?:acquire|lock)|is another process using it"
    r"|was locked by another process"
)
# dpkg's journal: changes that are not in its status file yet, and for which apt waits.
JOURNAL = "/var/lib/dpkg/updates"
_PARTS = "sources.list.d"
# Programs that somebody has apt and dpkg run around an action (apt.conf(5)). An option on the
# command line cannot clear a list, a file can.
HOOKS_FILE = "no-hooks.conf"
NO_HOOKS = "".join(
    "#clear %s;\n" % name
    for name in (
        "APT::Update",
        "AptCli::Hooks",
        "DPkg::Pre-Invoke",
        "DPkg::Post-Invoke",
        "DPkg::Pre-Install-Pkgs",
    )
)
LISTS = "/var/lib/apt/lists"
# needrestart restarts daemons after a transaction, but ours are docker_activation's to start.
ENVIRONMENT = dict(HOLD_BACK, DEBIAN_FRONTEND="noninteractive", NEEDRESTART_SUSPEND="1")


class Offer(NamedTuple):
    """One version that apt knows: its priority, and the sources that have it."""

    priority: int
    sources: Tuple[str, ...]

    def comes_from(self, sites: Tuple[str, ...]) -> bool:
        """Whether one of these sites has it, or it is installed and no source has it any more."""
        return not self.sources or any(source in sites for source in self.sources)


def place(path: str) -> str:
    """Give the place of the host's file in a folder that replaces its sources."""
    name = path.rpartition("/")[2]
    return name if path == "/etc/apt/sources.list" else "%s/%s" % (_PARTS, name)


def probe(repository_file: str, lists: str) -> List[str]:
    """Fetch one repository's metadata to a separate place, and fail on any fault in it."""
    return ["apt-get", "update", "--error-on=any"] + _apart(repository_file, lists) + _BOUNDS


def list_offered(repository_file: str, lists: str, names: Sequence[str]) -> List[str]:
    """List the versions in a probed repository, newest first."""
    return ["apt-cache"] + _apart(repository_file, lists) + ["madison"] + list(names)


def parse_offered(text: str) -> Dict[str, List[str]]:
    """Read ``apt-cache madison``: name, version and source, separated by bars."""
    versions: Dict[str, List[str]] = {}
    for line in text.splitlines():
        columns = [column.strip() for column in line.split("|")]
        if len(columns) == 3:
            versions.setdefault(columns[0], []).append(columns[1])
    return versions


def without_hooks(argv: Sequence[str], folder: str) -> Tuple[str, ...]:
    """Run a command without anybody's hooks; the folder holds :data:`NO_HOOKS`."""
    return (argv[0], "-c", "%s/%s" % (folder, HOOKS_FILE)) + tuple(argv[1:])


def refresh(folder: str = "") -> List[str]:
    """Fetch the metadata of every source: the engine's dependencies come from the distribution.

    A folder, if given, holds the host's sources as they will be, and replaces the present ones.
    """
    return ["apt-get", "update"] + _in_place(folder) + _BOUNDS


def install(versions: Mapping[str, str], old: Sequence[str], again: bool = False) -> List[str]:
    """Install exactly these versions and remove old packages, in one transaction.

    Packages that we hold may change: they are held again afterwards. With ``again`` packages are
    unpacked again if they have their version already.
    """
    options = ["--allow-downgrades", "--allow-change-held-packages"]
    options.extend(["--reinstall"] if again else [])
    pins = ["%s=%s" % (name, version) for name, version in versions.items()]
    removals = ["%s-" % name for name in old]
    return _install(options + pins + removals)


def preview(folder: str, versions: Mapping[str, str], old: Sequence[str]) -> List[str]:
    """Say what that transaction would do with a folder's sources, without doing it."""
    return install(versions, old) + _in_place(folder) + ["--simulate"]


def try_download(
    folder: str, versions: Mapping[str, str], old: Sequence[str], again: bool = False
) -> List[str]:
    """Download what that transaction needs, verified by the metadata, and install nothing."""
    return install(versions, old, again) + _in_place(folder) + ["--download-only"]


def write_journal_back() -> List[str]:
    """Have dpkg write its journal into its status file, which it does before anything else."""
    return ["dpkg", "--set-selections"]


def configure(names: Sequence[str]) -> List[str]:
    """Configure unpacked packages and no others; their old configuration files stay."""
    return ["dpkg", "--force-confdef", "--force-confold", "--configure"] + list(names)


def run_triggers() -> List[str]:
    """Run all pending triggers."""
    return ["dpkg", "--triggers-only", "-a"]


def parse_touched(text: str) -> List[str]:
    """Read the packages that a preview would unpack or configure: "Inst docker-ce [1] (2 ...)"."""
    return list(dict.fromkeys(re.findall(r"(?m)^(?:Inst|Conf) (\S+)", text)))


def parse_removed(text: str) -> List[str]:
    """Read what a preview would remove or purge: "Remv podman [5.4.2]", "Purg podman [5.4.2]"."""
    return re.findall(r"(?m)^(?:Remv|Purg) (\S+)", text)


def install_newest(names: Sequence[str]) -> List[str]:
    """Install packages of the distribution, whatever their version and their present state."""
    return _install(["--reinstall"] + list(names))


def hold(names: Sequence[str]) -> List[str]:
    """Hold packages at their version, whoever upgrades the host."""
    return ["apt-mark", "hold"] + list(names)


def ask_priorities(names: Sequence[str]) -> Tuple[Tuple[str, ...], ...]:
    """Ask which source apt prefers for each package, with lists as fresh as possible."""
    return (tuple(refresh()), ("apt-cache", "policy") + tuple(names))


def parse_priorities(text: str) -> Dict[str, List[Offer]]:
    """Read the version tables of ``apt-cache policy``.

    A version's line has its priority, and the deeper lines below it are the sources that have it. A
    version in dpkg's own status is installed, not offered.
    """
    tables: Dict[str, List[Offer]] = {}
    offers: List[Offer] = []
    for line in text.splitlines():
        name = re.match(r"^(\S+):$", line)
        version = re.match(r"^ (?:\*\*\*|   ) \S+ (-?\d+)(?: \(phased \d+%\))?$", line)
        # Seven blanks and a priority in a field of four, so 1000 follows without more blanks.
        source = re.match(r"^ {7} *-?\d+ ([a-z+]+:/\S+) ", line)
        if name:
            offers = tables.setdefault(name.group(1), [])
        elif version:
            offers.append(Offer(int(version.group(1)), ()))
        elif source and offers:
            offers[-1] = offers[-1]._replace(sources=offers[-1].sources + (source.group(1),))
    return tables


def _in_place(folder: str) -> List[str]:
    if not folder:
        return []
    return [
        "-o",
        "Dir::Etc::sourcelist=%s/%s" % (folder, place("/etc/apt/sources.list")),
        "-o",
        "Dir::Etc::sourceparts=%s/%s" % (folder, _PARTS),
    ]


def _apart(repository_file: str, lists: str) -> List[str]:
    """Use one repository alone, and leave the host's own lists and caches as they are."""
    return [
        "-o",
        "Dir::Etc::sourcelist=%s" % repository_file,
        "-o",
        "Dir::Etc::sourceparts=-",
        "-o",
        "Dir::State::lists=%s" % lists,
        "-o",
        "Dir::Cache::pkgcache=",
        "-o",
        "Dir::Cache::srcpkgcache=",
    ]


def _install(arguments: List[str]) -> List[str]:
    keep = ["-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold"]
    return ["apt-get", "install", "-y", "-q"] + keep + _REMOVE_NO_MORE + _BOUNDS + arguments
