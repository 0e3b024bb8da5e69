# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The program nft, which dockerd's nftables backend needs and no package of Docker's brings.

dockerd looks for the program when it starts, and does not start without it (moby,
daemon/libnetwork/firewall_linux.go and internal/nftables).
"""

from typing import Iterator, Mapping

from ...words import impacts, resources
from ...words.declared import declare_at
from ...words.difference import Difference, Refusal
from ...words.observations.docker.access import AccessObserved
from ...words.observations.host import FileObserved, Observation
from ...words.paths import DAEMON_JSON
from ...words.tables.daemon_flags import flags_of
from ..daemon.document import Document
from ..daemon_checks.circumstances import Found
from ..host.comparison import Comparison
from ..image_store.store import Flags
from ..units.docker_unit import read_unit, says_yes
from ..units.start_arguments import start_arguments

ROLE = "docker_daemon"
FIREWALL_TOOL = "nft"
# It has this name on every supported system.
PACKAGE = "nftables"
# The pointer of a refusal of the backend.
FIREWALL = "/firewall-backend"
_KEY, _BACKEND = "firewall-backend", "nftables"


def backend_refusals(document: Document, flags: Flags, swarm: bool) -> Found:
    """Refuse the backend in a swarm, where dockerd does not start with it.

    moby, daemon/config/config_linux.go, IsSwarmCompatible.
    """
    features = document.get("features")
    able = isinstance(features, dict) and features.get("swarm-nftables") is True
    backend = document.get(_KEY) or flags.get(_KEY, [""])[-1]
    by_flag = "iptables" in flags and not says_yes(flags["iptables"])
    if swarm and backend == _BACKEND and not (able or by_flag or document.get("iptables") is False):
        yield (
            FIREWALL,
            Refusal(
                found="%s: firewall-backend is nftables, and this host is in a swarm: dockerd does "
                "not start with both." % DAEMON_JSON,
                remedy="Take firewall-backend out of docker_daemon_config, or the host out of the "
                "swarm.",
            ),
        )


def compare_firewall_tool(
    document: Document, observed: Observation, files: Mapping[str, FileObserved]
) -> Iterator[Comparison]:
    """Compare the tool if daemon.json or the command line, as they will be, use nftables."""
    access = observed.access or AccessObserved()
    flags = flags_of(start_arguments(read_unit(files), files, access)).get(_KEY, [""])
    if _BACKEND not in (document.get(_KEY), flags[-1]):
        return
    declared = declare_at(resource=resources.DAEMON_TOOL, role=ROLE, path=PACKAGE, wanted="present")
    if FIREWALL_TOOL in observed.tools:
        yield Comparison(declared)
        return
    sentence = "install %s: without its program %s dockerd does not start with %s %s" % (
        PACKAGE,
        FIREWALL_TOOL,
        _KEY,
        _BACKEND,
    )
    yield Comparison(
        declared,
        Difference(
            resource=resources.DAEMON_TOOL,
            role=ROLE,
            path=PACKAGE,
            expected="installed",
            actual="not installed",
            impact=impacts.NONE,
            sentence=sentence,
        ),
    )
