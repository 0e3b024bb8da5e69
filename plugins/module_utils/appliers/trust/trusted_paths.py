# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Give back to root what others could change, before any file there is believed."""

import os
import shutil
import stat

from ...observers.trust.access_control import ACCESS_LIST, DEFAULT_LIST
from ...planners.trust.trusted_paths import is_distrusted
from ...words import resources
from ...words.difference import Plan
from ...words.paths import STATE_FOLDER, STATE_MODE
from ..host.command import ApplyFailed

_OTHERS_WRITE, _LENDS = 0o022, 0o6000


def mend_trusted_paths(plan: Plan) -> None:
    """Give back or remove what the plan names, folders before what is in them.

    :raises ApplyFailed: with the system's reason.
    """
    for each in plan.of_resource(resources.ACCESS_PATH):
        if each.only_reported:
            continue
        try:
            if is_distrusted(each.path):
                _remove(each.path)
            else:
                give_back(each.path)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise ApplyFailed("%s could not be given back: %s." % (each.path, error.strerror))


def give_back(path: str) -> None:
    """Have a path belong to root and be writable by root alone; what a link leads to stays."""
    status = os.lstat(path)
    if stat.S_ISLNK(status.st_mode):
        return
    for name in {ACCESS_LIST, DEFAULT_LIST}.intersection(os.listxattr(path, follow_symlinks=False)):
        os.removexattr(path, name, follow_symlinks=False)
    if status.st_uid:
        os.chown(path, 0, 0)
    mode = stat.S_IMODE(status.st_mode) & ~_OTHERS_WRITE
    if stat.S_ISREG(status.st_mode):
        mode &= ~_LENDS
    os.chmod(path, STATE_MODE if path == STATE_FOLDER else mode)


def _remove(path: str) -> None:
    if stat.S_ISDIR(os.lstat(path).st_mode):
        shutil.rmtree(path)
    else:
        os.unlink(path)
