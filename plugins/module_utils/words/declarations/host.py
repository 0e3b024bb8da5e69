# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""All that is declared of one host, and how each role is read where all are declared together."""

from typing import Any, Mapping, NamedTuple, Optional

from .activation import ActivationDeclaration, declare_activation
from .daemon import DaemonDeclaration, declare_daemon, on_storage
from .drop_in import DropInDeclaration
from .engine import EngineDeclaration, by_proxy, declare_engine
from .group import GroupDeclaration, declare_group
from .kernel import KernelDeclaration, declare_kernel
from .proxy import ProxyDeclaration, declare_proxy
from .storage import StorageDeclaration, declare_storage

# The arguments of every role, by role; each has a value.
Given = Mapping[str, Mapping[str, Any]]


class Declaration(NamedTuple):
    """All that is declared of one host; a role that is not planned has no declaration.

    ``drop_in`` is one of the user's own, for which no role answers.
    """

    engine: EngineDeclaration = EngineDeclaration(())
    daemon: DaemonDeclaration = DaemonDeclaration()
    activation: ActivationDeclaration = ActivationDeclaration()
    storage: StorageDeclaration = StorageDeclaration()
    kernel: KernelDeclaration = KernelDeclaration()
    proxy: ProxyDeclaration = ProxyDeclaration()
    group: GroupDeclaration = GroupDeclaration()
    drop_in: Optional[DropInDeclaration] = None


def kernel(given: Given) -> KernelDeclaration:
    """Read the kernel's: modules follow the filesystem, and forwarding follows daemon.json."""
    filesystem, document = storage(given), declare_daemon(given["docker_daemon"])
    followed = {
        "storage_filesystem": filesystem.filesystem if filesystem.is_mounted else "",
        "daemon_config": document.config,
        "daemon_exclusive": document.exclusive,
    }
    return declare_kernel(dict(given["docker_kernel"], **followed))


def proxy(given: Given) -> ProxyDeclaration:
    """Read the proxy's, which may not be in front of a registry mirror."""
    config = declare_daemon(given["docker_daemon"]).config
    mirrors = config.get("registry-mirrors") or []
    return declare_proxy(dict(given["docker_proxy"], registry_mirrors=mirrors))


def group(given: Given) -> GroupDeclaration:
    """Read the group's, which follows no other role."""
    return declare_group(given["docker_group"])


def storage(given: Given) -> StorageDeclaration:
    """Read the filesystem's, which follows no other role."""
    return declare_storage(given["docker_storage"])


def engine(given: Given) -> EngineDeclaration:
    """Read the engine's: packages come through the proxy that is declared for them."""
    return by_proxy(declare_engine(given["docker_engine"]), proxy(given))


def daemon(given: Given) -> DaemonDeclaration:
    """Read the daemon's: data-root and storage driver follow the declared filesystem."""
    return on_storage(declare_daemon(given["docker_daemon"]), storage(given))


def activation(given: Given) -> ActivationDeclaration:
    """Read the activation's, which follows no other role."""
    return declare_activation(given["docker_activation"])
