"""What is no fault of a configuration: a slow start, what keeps a file from being replaced, a unit
that is needed and does not come up, a systemd that does not answer at times.

They run on the hosts of test_cut_off.py with the modules kept there; scenes are shell.
"""

import shlex
from typing import NamedTuple

STATE = "/var/lib/dockwright"
DAEMON_JSON = "/etc/docker/daemon.json"
DROP_IN = "/run/systemd/system/docker.service.d/slow.conf"
# ioctl_iflags(2): it does what chattr(1) does, which not every host has.
_FLAG = (
    "import fcntl, array, os, sys; f = os.open(sys.argv[1], os.O_RDONLY); "
    "fcntl.ioctl(f, 0x40086602, array.array('l', [int(sys.argv[2])]))"
)
# From the first job on, looks fail: every second one, or all of them.
_BLIND = """\
cat > /usr/local/bin/systemctl <<'END'
#!/bin/sh
fails() {{
    [ -e /run/blind ] && {which}
}}
case "$1" in
--no-block) touch /run/blind;;
show) if fails; then echo 'Connection timed out' >&2; exit 1; fi;;
esac
exec /usr/bin/systemctl "$@"
END
chmod +x /usr/local/bin/systemctl
"""
_EACH_SECOND = "if [ -e /run/seen ]; then rm /run/seen; false; else touch /run/seen; fi"


class Obstacle(NamedTuple):
    """What stands in the way of a commit, what removes it, and what is said of it."""

    deed: str
    undo: str
    words: str
    # Whether the daemon ran on, and was not only started again.
    same_run: bool = True


def _flag(path: str, flags: int) -> str:
    return f"python3 -c {shlex.quote(_FLAG)} {path} {flags}"


def drop_in(lines: str, section: str = "Service") -> str:
    """Have docker.service do something more."""
    return (
        f"mkdir -p $(dirname {DROP_IN}); printf '[{section}]\\n{lines}\\n' > {DROP_IN}; "
        "systemctl daemon-reload"
    )


NO_DROP_IN = f"rm {DROP_IN}; systemctl daemon-reload"

OBSTACLES = {
    "an immutable file": Obstacle(
        _flag(DAEMON_JSON, 0x10),
        _flag(DAEMON_JSON, 0),
        "daemon.json is immutable (chattr +i); run `chattr -i /etc/docker/daemon.json`",
    ),
    "an append-only folder": Obstacle(
        _flag("/etc/docker", 0x20),
        _flag("/etc/docker", 0),
        "/etc/docker is append-only (chattr +a); run `chattr -a /etc/docker`",
    ),
    "a mounted file": Obstacle(
        f"mount --bind {DAEMON_JSON} {DAEMON_JSON}",
        f"umount {DAEMON_JSON}",
        f"something is mounted on it, so it cannot be replaced; run `umount {DAEMON_JSON}`",
    ),
    "a read-only filesystem": Obstacle(
        "mount --bind /etc/docker /etc/docker; mount -o remount,ro,bind /etc/docker",
        "umount /etc/docker",
        "the filesystem on /etc/docker is read-only",
    ),
    "a full filesystem": Obstacle(
        "cp -a /etc/docker /root/etc; mount -t tmpfs -o size=16k none /etc/docker; "
        "cp -a /root/etc/. /etc/docker; rm -r /root/etc; "
        "head -c 20000 /dev/zero > /etc/docker/fill 2> /dev/null || true",
        "umount /etc/docker",
        "the filesystem on /etc/docker is full",
    ),
    "a command before dockerd": Obstacle(
        drop_in("ExecStartPre=/bin/false"),
        f"{NO_DROP_IN}; systemctl reset-failed docker.service docker.socket; "
        "systemctl restart docker.service",
        "a command that goes before its main process (ExecStartPre=) failed",
        same_run=False,
    ),
    "a unit that it needs": Obstacle(
        "printf '[Service]\\nType=oneshot\\nExecStart=/bin/false\\n' > "
        "/run/systemd/system/needed.service; "
        + drop_in("Requires=needed.service\\nAfter=needed.service", "Unit"),
        f"{NO_DROP_IN}; systemctl reset-failed needed.service || true",
        "did not start docker.service: needed.service, which it needs, is not up (exit-code)",
    ),
}
# A failed look is no evidence, on the way forward and on the way back.
FAILS_NOW_AND_THEN = _BLIND.format(which=f"{{ {_EACH_SECOND}; }}")
SEES_AGAIN = "rm -f /usr/local/bin/systemctl /run/blind /run/seen"
