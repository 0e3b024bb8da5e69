# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tell of a mirror's certificate in a place where dockerd with containerd's store does not look.

With a graph driver, each mirror is checked by its own folder in certs.d. With containerd's store,
all mirrors of Docker Hub are checked by the folder of docker.io, or else _default (moby,
daemon/hosts.go; containerd, core/remotes/docker/config).
"""

import re
from typing import Any, Iterator, List, Mapping

from ...words.observations.host import FileObserved
from ...words.paths import REGISTRY_CERTIFICATES
from ..daemon.document import Document
from .store import CONTAINERD, Flags, Store

CERTIFICATES_GLOBS = (REGISTRY_CERTIFICATES + "/*/*.crt", REGISTRY_CERTIFICATES + "/*/hosts.toml")
# Either of them says whom to trust for all mirrors.
_FOR_ALL = ("docker.io", "_default")
_HOST = re.compile(r"^https://([^/?#]+)", re.IGNORECASE)


def unread_certificates(
    document: Document, flags: Flags, files: Mapping[str, FileObserved], store: Store
) -> Iterator[str]:
    """Warn of mirrors whose certificates are not where the next start looks for them."""
    if store.kind != CONTAINERD:
        return
    by_host = {path.split("/")[-2]: path for path in sorted(files) if _is_below(path, files[path])}
    if any(each in by_host for each in _FOR_ALL):
        return
    insecure = [each.lower() for each in _texts(document.get("insecure-registries"))]
    mirrors = _texts(document.get("registry-mirrors")) + list(flags.get("registry-mirrors", ()))
    for mirror in dict.fromkeys(mirrors):
        found = _HOST.match(mirror)
        host = found.group(1).lower() if found is not None else ""
        if host in by_host and host not in insecure:
            yield (
                "With %s dockerd does not go by %s for the mirror %s. Copy that to "
                "%s/docker.io/ca.crt, or add it to the system's trust store and restart Docker."
                % (store.spoken(), by_host[host], mirror, REGISTRY_CERTIFICATES)
            )


def _is_below(path: str, file: FileObserved) -> bool:
    return (
        path.startswith(REGISTRY_CERTIFICATES + "/")
        and path.count("/") == 5
        and file.kind in ("file", "link")
    )


def _texts(value: Any) -> List[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
