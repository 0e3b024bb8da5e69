# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Plan who switches packet forwarding on: dockerd, the role docker_kernel, or nobody.

dockerd switches it on when it starts, or since 28 with its first network. Only if it finds it off
does it also set the policy of FORWARD to DROP (moby, libnetwork/drivers/bridge,
setup_ip_forwarding.go). If something else was first, the host forwards between all its networks.
"""

import re
from typing import Dict, Iterator, NamedTuple

from ...words import impacts, resources
from ...words.declarations.kernel import FORWARDING_KEYS, KernelDeclaration
from ...words.declared import Declared, declare_at
from ...words.difference import Difference, Refusal
from ...words.docker_names import DOCKER_SERVICE
from ...words.observations.docker.access import AccessObserved
from ...words.observations.host import FileObserved, Observation, UnitObserved
from ...words.observations.kernel import FORWARD, KernelObserved
from ...words.paths import DAEMON_JSON
from ...words.tables.daemon_flags import flags_of
from ..daemon.desired import owned_pointers
from ..daemon.document import Document, NotADocument, keys_of, merge, read_document
from ..units.docker_unit import read_unit, says_yes
from ..units.start_arguments import start_arguments
from . import sysctl

ROLE = "docker_kernel"
DOCKERD, OURS, NOBODY, UNDECLARED = "dockerd", "docker_kernel", "nobody", ""
# What dockerd runs, in effect, before it switches forwarding on.
DROP = ("iptables", "--wait", "--policy", "FORWARD", "DROP")
# Bridges that dockerd makes (moby, libnetwork/drivers/bridge; daemon/network).
_BRIDGES = re.compile(r"^(?:docker0|docker_gwbridge|br-[0-9a-f]{12})$")


class Forwarding(NamedTuple):
    """Who switches forwarding on.

    ``drops`` tells whether dockerd also sets the policy of FORWARD, ``is_awaited`` whether Docker
    in its present run needs forwarding.
    """

    by: str = UNDECLARED
    drops: bool = False
    is_awaited: bool = False


def forwarding_of(declaration: KernelDeclaration, observed: Observation) -> Forwarding:
    """Tell it from what is declared, from daemon.json and from the command line."""
    if FORWARD in declaration.sysctl:
        return Forwarding(OURS)
    if not declaration.ip_forward:
        return Forwarding()
    says = _daemon_says(declaration, observed)
    if says.get("ip-forward") is False:
        return Forwarding(NOBODY)
    if says.get("firewall-backend") == "nftables":
        # With this dockerd switches nothing on, and does not start if forwarding is off.
        return Forwarding(OURS)
    drops = says.get("iptables") is not False and says.get("ip-forward-no-drop") is not True
    return Forwarding(DOCKERD, drops, _is_awaited(says, observed))


def without_dockerds(declaration: KernelDeclaration, forwarding: Forwarding) -> KernelDeclaration:
    """Give what is declared of the kernel, without the forwarding that is left to dockerd."""
    return declaration._replace(ip_forward=forwarding.by == OURS)


def compare_forwarding(
    forwarding: Forwarding,
    seen: KernelObserved,
    files: Dict[str, FileObserved],
) -> Iterator[Difference]:
    """Name what differs if dockerd switches forwarding on."""
    if forwarding.by != DOCKERD:
        return
    if forwarding.is_awaited and seen.sysctls.get(FORWARD) == "0":
        sentence = "set %s to 1, which Docker's networks need" % FORWARD
        if forwarding.drops:
            sentence = "set the policy of FORWARD to DROP, as dockerd does, and %s to 1" % FORWARD
        refusal = None
        if FORWARD in seen.read_only:
            sentence = "%s cannot be set" % FORWARD
            refusal = Refusal(
                found="the kernel of this host (%s) lets nobody write %s."
                % (seen.release, FORWARD),
                remedy="Have the host of this container set it, or set docker_kernel_ip_forward to "
                "false."
                if seen.container
                else "Set docker_kernel_ip_forward to false.",
            )
        yield Difference(
            resource=resources.KERNEL_SYSCTL,
            role=ROLE,
            path=FORWARD,
            expected="1",
            actual="0",
            impact=impacts.NONE,
            sentence=sentence,
            refusal=refusal,
        )
    for path, line in sysctl.last_words_of_others(FORWARD, files):
        if line.value == "0":
            yield Difference(
                resource=resources.KERNEL_SYSCTL_OVERRIDE,
                role=ROLE,
                path=path,
                expected="%s is left to dockerd" % FORWARD,
                actual="%s = %s" % (line.key, line.value),
                impact=impacts.NONE,
                sentence="line %d of %s sets %s to 0. After a boot dockerd switches it on again, "
                "but `sysctl --system` switches it off while Docker runs, and containers lose "
                "their network. Take that line out." % (line.number, path, _spoken(line.key)),
                only_reported=True,
            )


def declare_forwarding(forwarding: Forwarding) -> Iterator[Declared]:
    """Name what is declared if dockerd switches forwarding on."""
    if forwarding.by == DOCKERD:
        yield declare_at(resource=resources.KERNEL_SYSCTL, role=ROLE, path=FORWARD, wanted="1")


def note_forwarding(forwarding: Forwarding, files: Dict[str, FileObserved]) -> Iterator[str]:
    """Say which other file comes first, so that dockerd sets no policy."""
    if not (forwarding.by == DOCKERD and forwarding.drops):
        return
    for path, line in sysctl.last_words_of_others(FORWARD, files):
        if line.value != "0" and path != sysctl.LAST_READ:
            yield (
                "Line %d of %s sets %s to 1 at every boot, before dockerd starts. dockerd then "
                "leaves the policy of FORWARD as it is: if that is ACCEPT, this host forwards "
                "packets between all its networks. Take that line out, and dockerd sets both."
                % (line.number, path, _spoken(line.key))
            )


def warn_of_forwarding(
    declaration: KernelDeclaration, forwarding: Forwarding, seen: KernelObserved
) -> Iterator[str]:
    """Say what is declared and will not take effect."""
    if forwarding.by == NOBODY and seen.sysctls.get(FORWARD) == "0":
        yield (
            "Nothing switches %s on, since /etc/docker/daemon.json or docker.service says "
            "ip-forward=false: containers reach no other host. Take that out, or put %s: 1 into "
            "docker_kernel_sysctl." % (FORWARD, FORWARD)
        )
    if forwarding.by == DOCKERD:
        for key, value in declaration.sysctl.items():
            if _is_reset(key, value):
                yield (
                    "docker_kernel_sysctl sets %s to %s, and the kernel sets it anew each time "
                    "dockerd switches forwarding on. Put %s: 1 into docker_kernel_sysctl as well, "
                    "and have a firewall of yours set the policy of FORWARD."
                    % (key, value, FORWARD)
                )


def _is_reset(key: str, value: str) -> bool:
    """Whether switching forwarding resets this value (kernel, net/ipv4/devinet.c)."""
    if key == "net.ipv4.conf.all.accept_redirects":
        return value != "0"
    return key.startswith("net.ipv4.conf.") and key.endswith(".forwarding") and value != "1"


def _spoken(key: str) -> str:
    return key if key == FORWARD else "%s, which is %s," % (key, FORWARD)


def _is_awaited(says: Document, observed: Observation) -> bool:
    """Whether dockerd runs and has a bridge; without one it may have had nothing to forward."""
    if observed.units.get(DOCKER_SERVICE, UnitObserved()).active_state != "active":
        return False
    has_bridge = any(_BRIDGES.match(each.interface) for each in observed.networks)
    return has_bridge or says.get("bridge") != "none"


def _daemon_says(declaration: KernelDeclaration, observed: Observation) -> Document:
    """Give what daemon.json will say of forwarding, and what the command line says."""
    says = _kept(_live(observed))
    if declaration.daemon_config is not None:
        pointers = owned_pointers(observed)
        owned = [each for each in pointers if keys_of(each)[0] in FORWARDING_KEYS]
        says = merge(says, declaration.daemon_config, owned, declaration.daemon_exclusive)
    access = observed.access or AccessObserved()
    arguments = start_arguments(read_unit(observed.files), observed.files, access)
    for key, values in flags_of(arguments).items():
        if key in FORWARDING_KEYS:
            is_text = key in ("bridge", "firewall-backend")
            says[key] = values[-1] if is_text else says_yes(values)
    return says


def _live(observed: Observation) -> Document:
    try:
        return read_document(observed.files.get(DAEMON_JSON, FileObserved()).text)
    except NotADocument:
        return {}


def _kept(document: Document) -> Document:
    return {key: value for key, value in document.items() if key in FORWARDING_KEYS}
