"""Print a digest line for every path on this host in which a provisioning tool could leave a trace.

It runs on lab hosts before and after a deed that must change nothing. It leaves out what a running
system writes by itself, and Ansible's own temporary folder.
"""

import hashlib
import os
import stat

LEFT_OUT = {
    "/dev",
    "/proc",
    "/root/.ansible",
    "/run",
    "/sys",
    "/tmp",  # noqa: S108 - left out, not used
    "/var/cache/ldconfig",
    "/var/lib/systemd",
    "/var/log",
    "/var/tmp",  # noqa: S108 - left out, not used
}


def digest(path: str) -> str:
    """Hash a regular file, or name a link's target."""
    mode = os.lstat(path).st_mode
    if stat.S_ISLNK(mode):
        return os.readlink(path)  # noqa: PTH115 - as below
    if not stat.S_ISREG(mode):
        return ""
    with open(path, "rb") as file:  # noqa: PTH123 - runs by itself on the oldest target Python
        return hashlib.sha256(file.read()).hexdigest()


def main() -> None:
    """Walk the whole system."""
    for folder, folders, files in os.walk("/"):
        folders[:] = sorted(
            each
            for each in folders
            if os.path.join(folder, each) not in LEFT_OUT  # noqa: PTH118
        )
        for name in sorted(files) + folders:
            path = os.path.join(folder, name)  # noqa: PTH118
            try:
                status = os.lstat(path)
                print(path, oct(status.st_mode), status.st_uid, status.st_gid, digest(path))
            except FileNotFoundError:
                continue


main()
