# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The command lines of a package transaction with apt, and the reading of its answers."""

import re
from typing import Dict, List, Mapping, NamedTuple, Sequence, Tuple

from ...words.observations.transaction import RECORD_LOCKS
from .transaction import HOLD_BACK

# apt.conf(5): a site that hangs is given up in bounded time.
_BOUNDS = [
    "-o",
    "Acquire::http::Timeout=15",
    "-o",
    "Acquire::https::Timeout=15",
    "-o",
    "Acquire::Retries=1",
]
# apt.conf(5): a host may have every removal purge, or sweep up what nothing needs any more.
_REMOVE_NO_MORE = ["-o", "APT::Get::Purge=false", "-o", "APT::Get::AutomaticRemove=false"]
# Where apt and dpkg lock themselves against each other (fcntl(2) record locks).
LOCKS = RECORD_LOCKS["deb"] + ("/var/lib/apt/lists/lock", "/var/cache/apt/archives/lock")
LOCKED = re.compile(
    r"Could not get lock|Unable to (?:acquire|lock)|is another process using it"
    r"|was locked by another process"
)
# Where dpkg keeps what it has not written into its status file yet; apt waits for it to be.
JOURNAL = "/var/lib/dpkg/updates"
_PARTS = "sources.list.d"
# apt.conf(5): programs that somebody has apt run before or after it does something. An option on
# the command line cannot clear a list, a file can.
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
# needrestart restarts daemons after a transaction: starting ours is docker_activation's.
ENVIRONMENT = dict(HOLD_BACK, DEBIAN_FRONTEND="noninteractive", NEEDRESTART_SUSPEND="1")


class Offer(NamedTuple):
    """One version that apt knows of: its priority, and the sources it can be had from."""

    priority: int
    sources: Tuple[str, ...]

    def comes_from(self, sites: Tuple[str, ...]) -> bool:
        """Whether one of these sites has it, or it is installed and nobody has it any more."""
        return not self.sources or any(source in sites for source in self.sources)


def place(path: str) -> str:
    """Where a file of the host's sources lies in a folder that takes their place."""
    name = path.rpartition("/")[2]
    return name if path == "/etc/apt/sources.list" else "%s/%s" % (_PARTS, name)


def probe(repository_file: str, lists: str) -> List[str]:
    """Fetch one repository's metadata to a place of its own; nothing wrong with it may pass."""
    return ["apt-get", "update", "--error-on=any"] + _apart(repository_file, lists) + _BOUNDS


def list_offered(repository_file: str, lists: str, names: Sequence[str]) -> List[str]:
    """List the versions that a probed repository has, newest first."""
    return ["apt-cache"] + _apart(repository_file, lists) + ["madison"] + list(names)


def parse_offered(text: str) -> Dict[str, List[str]]:
    """Read ``apt-cache madison``: name, version and source, parted by bars."""
    versions: Dict[str, List[str]] = {}
    for line in text.splitlines():
        columns = [column.strip() for column in line.split("|")]
        if len(columns) == 3:
            versions.setdefault(columns[0], []).append(columns[1])
    return versions


def without_hooks(argv: Sequence[str], folder: str) -> Tuple[str, ...]:
    """Have a command run nobody's hooks; the folder holds :data:`NO_HOOKS`."""
    return (argv[0], "-c", "%s/%s" % (folder, HOOKS_FILE)) + tuple(argv[1:])


def refresh(folder: str = "") -> List[str]:
    """Fetch the metadata of every source: the engine's dependencies come from the distribution.

    A folder holds the host's sources as they will be, in the place of those it has.
    """
    return ["apt-get", "update"] + _in_place(folder) + _BOUNDS


def install(versions: Mapping[str, str], old: Sequence[str], again: bool = False) -> List[str]:
    """Install exactly these versions, and remove old packages, in one transaction.

    Packages that we hold may move: they are held again afterwards. ``again`` has those unpacked
    again that have their version.
    """
    options = ["--allow-downgrades", "--allow-change-held-packages"]
    options.extend(["--reinstall"] if again else [])
    pins = ["%s=%s" % (name, version) for name, version in versions.items()]
    removals = ["%s-" % name for name in old]
    return _install(options + pins + removals)


def preview(folder: str, versions: Mapping[str, str], old: Sequence[str]) -> List[str]:
    """Say what that transaction would do with a folder's sources, and do nothing."""
    return install(versions, old) + _in_place(folder) + ["--simulate"]


def try_download(
    folder: str, versions: Mapping[str, str], old: Sequence[str], again: bool = False
) -> List[str]:
    """Download what that transaction needs, as the metadata has it, and install nothing."""
    return install(versions, old, again) + _in_place(folder) + ["--download-only"]


def write_journal_back() -> List[str]:
    """Have dpkg write its journal into its status file: it does so first, and is given nothing."""
    return ["dpkg", "--set-selections"]


def configure(names: Sequence[str]) -> List[str]:
    """Configure packages that are unpacked, and no others; their old configuration stays."""
    return ["dpkg", "--force-confdef", "--force-confold", "--configure"] + list(names)


def run_triggers() -> List[str]:
    """Have every package told what it waits to be told."""
    return ["dpkg", "--triggers-only", "-a"]


def parse_touched(text: str) -> List[str]:
    """Read which packages a preview would unpack or configure: "Inst docker-ce [1] (2 ...)"."""
    return list(dict.fromkeys(re.findall(r"(?m)^(?:Inst|Conf) (\S+)", text)))


def parse_removed(text: str) -> List[str]:
    """Read what a preview would remove or purge: "Remv podman [5.4.2]", "Purg podman [5.4.2]"."""
    return re.findall(r"(?m)^(?:Remv|Purg) (\S+)", text)


def install_newest(names: Sequence[str]) -> List[str]:
    """Install packages of the distribution, whatever their version or what is left of them."""
    return _install(["--reinstall"] + list(names))


def hold(names: Sequence[str]) -> List[str]:
    """Keep packages at the version they have, whoever upgrades the host."""
    return ["apt-mark", "hold"] + list(names)


def ask_priorities(names: Sequence[str]) -> Tuple[Tuple[str, ...], ...]:
    """Ask which source apt prefers for each package, its lists as fresh as can be had."""
    return (tuple(refresh()), ("apt-cache", "policy") + tuple(names))


def parse_priorities(text: str) -> Dict[str, List[Offer]]:
    """Read the version tables of ``apt-cache policy``.

    A version's line carries its priority, the deeper lines below it the sources that have it;
    what dpkg's own status names is installed, not offered.
    """
    tables: Dict[str, List[Offer]] = {}
    offers: List[Offer] = []
    for line in text.splitlines():
        name = re.match(r"^(\S+):$", line)
        version = re.match(r"^ (?:\*\*\*|   ) \S+ (-?\d+)(?: \(phased \d+%\))?$", line)
        # Seven blanks, and a priority in a field of four: the first digit of 1000 has no more.
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
    """Know of one repository alone, and leave the host's own lists and caches as they are."""
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
