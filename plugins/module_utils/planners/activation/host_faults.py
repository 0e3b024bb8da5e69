# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tell what dockerd cannot help, nor its configuration, from dockerd's own last words.

Such a failure is nothing to remember against a set: with the host mended the same set will do.
"""

# As the kernel words it (strerror(3)), and dockerd itself (moby, pkg/pidfile; cmd/dockerd).
_FAULTS = (
    (("no space left on device",), "a filesystem is full"),
    (("disk quota exceeded",), "a quota is used up"),
    (("read-only file system",), "a filesystem is read-only"),
    (("input/output error",), "a disk does not do its work"),
    (("cannot allocate memory",), "memory ran out"),
    (("too many open files",), "too many files are open"),
    (("device or resource busy",), "something is in use"),
    (("process with pid", "is still running"), "another daemon runs"),
    (("pid file found, ensure docker is not running",), "another daemon runs"),
    (("containerd", "timeout waiting for"), "containerd did not answer"),
    (("containerd", "context deadline exceeded"), "containerd did not answer"),
)


def host_fault(words: str) -> str:
    """Name the host's fault that these words tell of; empty where they tell of none."""
    lower = words.lower()
    return next((fault for marks, fault in _FAULTS if all(each in lower for each in marks)), "")
