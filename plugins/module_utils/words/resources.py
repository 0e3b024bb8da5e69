# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The ids of what may differ on a host, by which a report, the record and a person name it."""

from typing import NewType

# At run time it is a plain text, but mypy accepts no other text for it.
Resource = NewType("Resource", str)

SYSTEM = Resource("system")
DAEMON_JSON = Resource("daemon_json")

ACCESS_LISTENER = Resource("access.listener")
ACCESS_PATH = Resource("access.path")

ACTIVATION_COMMIT = Resource("activation.commit")
ACTIVATION_STAGED = Resource("activation.staged")

DAEMON_DROP_IN = Resource("daemon.drop_in")
DAEMON_STAGED = Resource("daemon.staged")
DAEMON_TOOL = Resource("daemon.tool")

ENGINE_CONFIGURATION = Resource("engine.configuration")
ENGINE_HOLD = Resource("engine.hold")
ENGINE_OLD_PACKAGE = Resource("engine.old_package")
ENGINE_PACKAGE = Resource("engine.package")
ENGINE_PREREQUISITE = Resource("engine.prerequisite")
ENGINE_REPOSITORY_ENTRY = Resource("engine.repository_entry")
ENGINE_REPOSITORY_FILE = Resource("engine.repository_file")
ENGINE_REPOSITORY_KEY = Resource("engine.repository_key")
ENGINE_REPOSITORY_PRIORITY = Resource("engine.repository_priority")
ENGINE_TRANSACTION = Resource("engine.transaction")

GROUP_ADMINISTRATOR = Resource("group.administrator")
GROUP_GROUP = Resource("group.group")
GROUP_MEMBER = Resource("group.member")
GROUP_PASSWORD = Resource("group.password")
GROUP_SOCKET = Resource("group.socket")

KERNEL_BOOT_AWAITED = Resource("kernel.boot_awaited")
KERNEL_BOOT_ENTRIES = Resource("kernel.boot_entries")
KERNEL_BOOT_FILE = Resource("kernel.boot_file")
KERNEL_COMMAND_LINE = Resource("kernel.command_line")
KERNEL_MODULE = Resource("kernel.module")
KERNEL_MODULE_DENIED = Resource("kernel.module_denied")
KERNEL_MODULES_FILE = Resource("kernel.modules_file")
KERNEL_SYSCTL = Resource("kernel.sysctl")
KERNEL_SYSCTL_FILE = Resource("kernel.sysctl_file")
KERNEL_SYSCTL_OVERRIDE = Resource("kernel.sysctl_override")

PROXY_OVERRIDE = Resource("proxy.override")

RECORD_APPLIED = Resource("record.applied")
RECORD_MACHINE = Resource("record.machine")

SERVICE_BINARY = Resource("service.binary")
SERVICE_CONFIGURATION = Resource("service.configuration")
SERVICE_CONTAINERD_ROOT = Resource("service.containerd_root")
SERVICE_DROP_IN = Resource("service.drop_in")
SERVICE_ENABLED = Resource("service.enabled")
SERVICE_LAYERS = Resource("service.layers")
SERVICE_LEFTOVER = Resource("service.leftover")
SERVICE_MASKED = Resource("service.masked")
SERVICE_ORPHAN = Resource("service.orphan")
SERVICE_OTHER_DAEMON = Resource("service.other_daemon")
SERVICE_PROGRAM = Resource("service.program")
SERVICE_RUNNING = Resource("service.running")
SERVICE_SOCKET = Resource("service.socket")
SERVICE_UNIT_FILE = Resource("service.unit_file")

STORAGE_ALLOCATION = Resource("storage.allocation")
STORAGE_CAPACITY = Resource("storage.capacity")
STORAGE_CONTENT = Resource("storage.content")
STORAGE_DIRECT_IO = Resource("storage.direct_io")
STORAGE_DIRECT_IO_UNIT = Resource("storage.direct_io_unit")
STORAGE_ENABLED = Resource("storage.enabled")
STORAGE_FILE = Resource("storage.file")
STORAGE_FILESYSTEM = Resource("storage.filesystem")
STORAGE_FILESYSTEM_SIZE = Resource("storage.filesystem_size")
STORAGE_FSTAB = Resource("storage.fstab")
STORAGE_GUARD = Resource("storage.guard")
STORAGE_LABEL = Resource("storage.label")
STORAGE_LABEL_OF_POLICY = Resource("storage.label_of_policy")
STORAGE_LEFTOVER = Resource("storage.leftover")
STORAGE_MOUNT = Resource("storage.mount")
STORAGE_MOVED = Resource("storage.moved")
STORAGE_OPTIONS = Resource("storage.options")
STORAGE_OWNERSHIP = Resource("storage.ownership")
STORAGE_SIGNATURE = Resource("storage.signature")
STORAGE_SIZE = Resource("storage.size")
STORAGE_STAGED = Resource("storage.staged")
STORAGE_TOOLS = Resource("storage.tools")
STORAGE_UNIT = Resource("storage.unit")
STORAGE_VOLUME = Resource("storage.volume")

# The ends of a drop-in's ids; they begin with its subject, of which a host may have many.
END_OF_DROP_IN = ".drop_in"
_END_OF_CREDENTIALS, _END_OF_STAGED = ".credentials", ".staged"
ENDS_OF_DROP_INS = (END_OF_DROP_IN, _END_OF_CREDENTIALS, _END_OF_STAGED)


def drop_in_of(subject: str) -> Resource:
    """Name the drop-in of a subject: ``proxy``, or a unit and a name."""
    return Resource(subject + END_OF_DROP_IN)


def credentials_of(subject: str) -> Resource:
    """Name the file of credentials beside the drop-in of a subject."""
    return Resource(subject + _END_OF_CREDENTIALS)


def staged_of(subject: str) -> Resource:
    """Name what waits to be committed for a subject's drop-in."""
    return Resource(subject + _END_OF_STAGED)
