# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Look at the kernel. Nothing is woken or written."""

from ansible_collections.dockwright.host.plugins.module_utils.kernel_observation import (
    KernelLook,
    KernelObserved,
)


def observe_kernel(look: KernelLook) -> KernelObserved:
    """Look at the kernel."""
    del look
    return KernelObserved()
