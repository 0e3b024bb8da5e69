# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find in dockerd's last words a fault of the host, which is not that of its configuration.

Such a failure is not remembered against a set: once the host is mended the set will work.
"""

# In the words of the kernel (strerror(3)) and of dockerd (moby, pkg/pidfile; cmd/dockerd).
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
    """Give the host's fault in these words; empty where there is none."""
    lower = words.lower()
    return next((fault for marks, fault in _FAULTS if all(each in lower for each in marks)), "")
