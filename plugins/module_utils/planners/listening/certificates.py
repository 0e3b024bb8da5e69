# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tell which addresses are TCP, and whether a daemon requires certificates on them.

If it does, then on every TCP socket, those from systemd included (moby, daemon/listeners,
listenFD).
"""

from typing import Any, List, Mapping

from ..units.docker_unit import says_yes

_FILES = ("tlscacert", "tlscert", "tlskey")


def is_tcp(address: str) -> bool:
    """Whether an address of -H is TCP; one without a scheme is."""
    return address.startswith("tcp:") or (bool(address) and "://" not in address)


def asks_for_certificates(document: Mapping[str, Any], flags: Mapping[str, List[str]]) -> bool:
    """Whether the daemon accepts only clients whose certificate its CA has signed."""
    verified = document.get("tlsverify") is True or says_yes(flags.get("tlsverify", []))
    return verified and all(key in document or key in flags for key in _FILES)
