# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find what is wrong with the values of a daemon.json before a daemon reads them.

The checks rely on each value being of its kind.
"""

import re
from typing import Callable, Tuple

from ...words.difference import Refusal
from ...words.paths import DAEMON_JSON
from ...words.tables.daemon_options import (
    BESIDE_THE_FLAG,
    DRIVERS_MISSING_FROM,
    FIRST_WITH_SNAPSHOTTERS,
    NO_SNAPSHOTTERS,
    STORAGE_DRIVERS,
    Version,
)
from ..daemon.document import Document, is_secret, pointer_of
from ..listening.certificates import asks_for_certificates, is_tcp
from .circumstances import Circumstances, Found, spoken_version
from .refusals import correct_it, place_of, refuse, wrong_value

_ADDRESS = re.compile(r"^https?://(?P<host>[^/?#\s]*)(?P<path>[^?#\s]*)")
_PLUGIN_DRIVER = re.compile(r"[/:]")
_FIRST_WITHOUT_PLUGIN_DRIVERS: Version = (28,)
# Since this version a mirror's address may have a path.
_FIRST_WITH_MIRROR_PATHS: Version = (24, 0, 8)
# The address where the engine's clients, and our own look, find the daemon.
_OWN_SOCKETS = ("fd://", "unix://", "unix:///run/docker.sock", "unix:///var/run/docker.sock")


def check_values(document: Document, known: Circumstances) -> Found:
    """Give all that is wrong with the values of a document."""
    for check in _CHECKS:
        yield from check(document, known)


def _check_mirrors(document: Document, known: Circumstances) -> Found:
    for address in document.get("registry-mirrors", ()):
        told = _mirror_complaint(address, known.version)
        if told:
            shown = re.sub(r"(^|//)[^/]*@", r"\1***@", address)
            wanted = "addresses such as https://ID.mirror.aliyuncs.com"
            found = "has %s: %s" % (shown, told)
            yield refuse(known, ("registry-mirrors",), found, "wants %s" % wanted)


def _mirror_complaint(address: str, version: Version) -> str:
    found = _ADDRESS.match(address)
    if found is None or not found.group("host"):
        return "it is no http or https address"
    if "@" in found.group("host"):
        return "dockerd takes no user name or password in it"
    if re.search(r"\s", address):
        return "it has a blank in it"
    port = re.search(r":(\d*)$", found.group("host"))
    if port and not 0 < int(port.group(1) or 0) < 65536:
        return "there is no port %s" % (port.group(1) or "named after the colon")
    if re.search(r"[?#]", address):
        return "dockerd takes no query or fragment in it"
    if found.group("path") not in ("", "/") and version and version < _FIRST_WITH_MIRROR_PATHS:
        return "before 24.0.8 dockerd takes no path in it"
    return ""


def _check_storage(document: Document, known: Circumstances) -> Found:
    driver = document.get("storage-driver")
    if driver is None:
        return
    pointer = "/storage-driver"
    snapshotter = document.get("features", {}).get("containerd-snapshotter", False)
    if snapshotter is True and driver in NO_SNAPSHOTTERS:
        yield (
            pointer,
            Refusal(
                found="%s: features has containerd-snapshotter, and storage-driver is %s, which is "
                "no snapshotter of containerd's: dockerd does not start with both, or starts and "
                "cannot use an image." % (DAEMON_JSON, driver),
                remedy="Take one of the two out of %s." % place_of(known, ("storage-driver",)),
            ),
        )
    if driver in STORAGE_DRIVERS:
        gone = STORAGE_DRIVERS[driver]
        if gone and known.version >= gone:
            yield (
                pointer,
                Refusal(
                    found="%s: storage-driver is %s, which %s has not: it was removed in %s."
                    % (DAEMON_JSON, driver, known.spoken, spoken_version(gone)),
                    remedy="Use overlay2%s. %s"
                    % (
                        "" if known.family == "rpm" else ", or btrfs on btrfs",
                        correct_it(known, ("storage-driver",)),
                    ),
                ),
            )
        if driver in DRIVERS_MISSING_FROM.get(known.family, ()):
            yield (
                pointer,
                Refusal(
                    found="%s: storage-driver is %s, and Docker's packages for Enterprise Linux "
                    "are built without it." % (DAEMON_JSON, driver),
                    remedy="Use overlay2, on xfs or ext4. "
                    + correct_it(known, ("storage-driver",)),
                ),
            )
    elif _PLUGIN_DRIVER.search(driver):
        if known.version >= _FIRST_WITHOUT_PLUGIN_DRIVERS:
            told = "plugins as storage drivers went in 28"
            yield wrong_value(known, ("storage-driver",), driver, told, "overlay2")
    elif not (snapshotter or known.version >= (29,)) or (
        known.version and known.version < FIRST_WITH_SNAPSHOTTERS
    ):
        drivers = ", ".join(sorted(name for name, gone in STORAGE_DRIVERS.items() if not gone))
        told = "there is no such driver"
        yield wrong_value(known, ("storage-driver",), driver, told, "one of " + drivers)


def _check_flags(document: Document, known: Circumstances) -> Found:
    other = known.flags.get("config-file", [DAEMON_JSON])[-1]
    if other != DAEMON_JSON:
        yield (
            DAEMON_JSON,
            Refusal(
                found="%s has the daemon read %s, and not %s."
                % (known.flags_source, other, DAEMON_JSON),
                remedy="Take --config-file out of that file.",
            ),
        )
    for key, values in known.flags.items():
        if key not in document or key in BESIDE_THE_FLAG or (key == "hosts" and known.takes_hosts):
            continue
        told = "%s: %s is a flag of the command line as well (%s, in %s), and dockerd " % (
            DAEMON_JSON,
            key,
            " ".join("(not shown)" if is_secret((key,), each) else each for each in values),
            known.flags_source,
        )
        place = place_of(known, (key,))
        remedy = "Take it out of %s, or the flag out of %s." % (place, known.flags_source)
        if key == "hosts":
            remedy = (
                "Set docker_daemon_hosts_drop_in: true, which has a drop-in take -H away and keep "
                "all other flags; or take hosts out of %s." % place
            )
        yield pointer_of((key,)), Refusal(found=told + "does not start with both.", remedy=remedy)


def _check_hosts(document: Document, known: Circumstances) -> Found:
    flags = [] if known.takes_hosts and "hosts" in document else known.flags.get("hosts", [])
    hosts = list(document.get("hosts", []))
    over_tcp = [each for each in hosts + flags if is_tcp(each)]
    if over_tcp and not asks_for_certificates(document, known.flags):
        yield (
            "/hosts",
            Refusal(
                found="the daemon would listen on %s without asking for a certificate, and whoever "
                "reaches that port is root on this host." % over_tcp[0],
                remedy="Set tlsverify to true with tlscacert, tlscert and tlskey in "
                "docker_daemon_config, or take that address out and reach the daemon over ssh.",
            ),
        )
    if hosts and not any(each in _OWN_SOCKETS for each in hosts):
        yield (
            "/hosts",
            Refusal(
                found="%s: hosts is %s, without the daemon's own socket, so neither the docker "
                "command nor Dockwright would find it." % (DAEMON_JSON, ", ".join(hosts)),
                remedy="Add fd:// to hosts in %s." % place_of(known, ("hosts",)),
            ),
        )


def _check_swarm(document: Document, known: Circumstances) -> Found:
    if known.swarm and document.get("live-restore"):
        yield (
            "/live-restore",
            Refusal(
                found="%s: live-restore is true, and this host is in a swarm: dockerd does not "
                "start with both." % DAEMON_JSON,
                remedy="Take live-restore out of %s, or the host out of the swarm."
                % place_of(known, ("live-restore",)),
            ),
        )


_CHECKS: Tuple[Callable[[Document, Circumstances], Found], ...] = (
    _check_mirrors,
    _check_storage,
    _check_flags,
    _check_hosts,
    _check_swarm,
)
