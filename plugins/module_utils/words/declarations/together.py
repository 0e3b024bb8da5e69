# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What each role declares where all roles are declared together, and some follow others."""

from typing import Any, Mapping

from .activation import ActivationDeclaration, declare_activation
from .daemon import DaemonDeclaration, declare_daemon, on_storage
from .engine import EngineDeclaration, by_proxy, declare_engine
from .group import GroupDeclaration, declare_group
from .kernel import KernelDeclaration, declare_kernel
from .proxy import ProxyDeclaration, declare_proxy
from .storage import StorageDeclaration, declare_storage

# The arguments of every role, by role; each has a value.
Given = Mapping[str, Mapping[str, Any]]


def kernel(given: Given) -> KernelDeclaration:
    """The kernel's modules are for the declared filesystem, and forwarding goes by daemon.json."""
    filesystem, document = storage(given), declare_daemon(given["docker_daemon"])
    followed = {
        "storage_filesystem": filesystem.filesystem if filesystem.is_mounted else "",
        "daemon_config": document.config,
        "daemon_exclusive": document.exclusive,
    }
    return declare_kernel(dict(given["docker_kernel"], **followed))


def proxy(given: Given) -> ProxyDeclaration:
    """The proxy may stand before no registry mirror."""
    config = declare_daemon(given["docker_daemon"]).config
    mirrors = config.get("registry-mirrors") or []
    return declare_proxy(dict(given["docker_proxy"], registry_mirrors=mirrors))


def group(given: Given) -> GroupDeclaration:
    """The group follows nobody."""
    return declare_group(given["docker_group"])


def storage(given: Given) -> StorageDeclaration:
    """The filesystem follows nobody."""
    return declare_storage(given["docker_storage"])


def engine(given: Given) -> EngineDeclaration:
    """Packages come through the proxy that is declared for them."""
    return by_proxy(declare_engine(given["docker_engine"]), proxy(given))


def daemon(given: Given) -> DaemonDeclaration:
    """The data-root and the storage driver follow the declared filesystem."""
    return on_storage(declare_daemon(given["docker_daemon"]), storage(given))


def activation(given: Given) -> ActivationDeclaration:
    """The activation follows nobody."""
    return declare_activation(given["docker_activation"])
