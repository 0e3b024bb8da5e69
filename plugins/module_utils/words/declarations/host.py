# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""All that is declared of one host."""

from typing import NamedTuple, Optional

from .activation import ActivationDeclaration
from .daemon import DaemonDeclaration
from .drop_in import DropInDeclaration
from .engine import EngineDeclaration
from .group import GroupDeclaration
from .kernel import KernelDeclaration
from .proxy import ProxyDeclaration
from .storage import StorageDeclaration


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
