# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find what is wrong with a daemon.json before a daemon reads it.

Each check gives refusals under the pointers that they are about. dockerd's own validation comes
after these: it sees less, and engines before 23.0 have none.
"""

from itertools import chain
from typing import Callable, Tuple

from ..daemon.document import Document
from ..daemon_values.files import check_named_files
from ..daemon_values.graph_drivers import check_storage_options
from ..daemon_values.logs import check_logging
from ..daemon_values.plain import check_plain_values
from ..daemon_values.runtimes import check_runtimes
from ..daemon_values.ulimits import check_ulimits
from ..networks.daemon import check_networks
from .cgroups import check_cgroups
from .circumstances import Circumstances, Found
from .keys import check_keys, check_kinds
from .paths import check_paths
from .values import check_values


def check_document(document: Document, known: Circumstances) -> Found:
    """Give everything that is wrong with a document."""
    wrong = set()
    for pointer, refusal in chain(check_keys(document, known), check_kinds(document, known)):
        wrong.add(pointer.split("/")[1])
        yield pointer, refusal
    # The checks below rely on each value being of its kind.
    sound = {
        key: value for key, value in document.items() if key not in wrong and value is not None
    }
    for check in _CHECKS_OF_VALUES:
        yield from check(sound, known)


_CHECKS_OF_VALUES: Tuple[Callable[[Document, Circumstances], Found], ...] = (
    check_networks,
    check_paths,
    check_cgroups,
    check_values,
    check_plain_values,
    check_logging,
    check_runtimes,
    check_ulimits,
    check_storage_options,
    check_named_files,
)
