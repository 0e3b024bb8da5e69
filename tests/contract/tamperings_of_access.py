"""Tamperings with who can reach the daemon, and with trusted paths on the way to it."""

from tests.contract.tampering import Tampering
from tests.contract.tamperings_of_configuration import (
    COMMAND_LINE,
    DROP_IN,
    STATE,
    drop_in,
    no_drop_in,
)

SOCKET_DROP_IN = "/etc/systemd/system/docker.socket.d/theirs.conf"
SECOND = "/etc/systemd/system/theirs.socket"
VARIABLES = "/etc/default/docker"
RELOAD = "systemctl daemon-reload"
STAGED = f"{STATE}/staged.json"


def unit(path: str, *lines: str) -> str:
    """Give the shell line that writes a socket's unit, or a drop-in of one."""
    text = "\\n".join(["[Socket]", *lines])
    return f"mkdir -p $(dirname {path}); printf '{text}\\n' > {path}; {RELOAD}"


def path(*paths: str) -> tuple[tuple[str, str], ...]:
    """Give what names these paths."""
    return tuple(("access.path", each) for each in paths)


ACCESS_ROWS = (
    Tampering(
        "docker.socket opens TCP without certificates",
        unit(SOCKET_DROP_IN, "ListenStream=127.0.0.1:2375"),
        f"{no_drop_in(SOCKET_DROP_IN)}; {RELOAD}",
        (("access.listener", SOCKET_DROP_IN),),
        refused=f"listens on 127.0.0.1:2375 for docker.service ({SOCKET_DROP_IN}:2) without",
    ),
    Tampering(
        "somebody's socket unit is docker.service's too",
        unit(SECOND, "ListenStream=/run/theirs.sock", "Service=docker.service"),
        f"rm {SECOND}; {RELOAD}",
        (("access.listener", SECOND),),
        refused=f"theirs.socket listens on /run/theirs.sock for docker.service ({SECOND}:2)",
    ),
    Tampering(
        "a variable gives the daemon TCP without certificates",
        # Earlier rows restart the daemon, whose start is known to within two seconds.
        f"sleep 3; echo 'OPTIONS=\"-H tcp://127.0.0.1:2375\"' > {VARIABLES}; "
        + drop_in(
            DROP_IN,
            f"EnvironmentFile=-{VARIABLES}",
            "ExecStart=",
            f"ExecStart={COMMAND_LINE} $OPTIONS",
        )
        + f"; {RELOAD}",
        f"rm {VARIABLES}; {no_drop_in(DROP_IN)}; {RELOAD}",
        (
            ("access.listener", VARIABLES),
            ("service.drop_in", DROP_IN),
            ("service.configuration", DROP_IN),
        ),
        refused=f"{VARIABLES} has the daemon listen on tcp://127.0.0.1:2375 without asking",
    ),
    Tampering(
        "Docker's folder is for anybody to write",
        "chmod 777 /etc/docker",
        "chmod 755 /etc/docker",
        path("/etc/docker"),
    ),
    Tampering(
        "the folder of what was applied is for anybody to write",
        f"chmod 777 {STATE}",
        f"chmod 700 {STATE}",
        path(STATE),
    ),
    Tampering(
        "somebody has staged a set in it",
        f"echo '{{}}' > {STAGED}; chown mail {STAGED}",
        f"rm {STAGED}",
        (*path(STAGED), ("activation.staged", STAGED)),
    ),
    Tampering(
        "the daemon's program is somebody's",
        "chown mail /usr/bin/dockerd",
        "chown root /usr/bin/dockerd",
        path("/usr/bin/dockerd"),
    ),
    Tampering(
        "a folder of the system's, on the way to Docker's units, is for anybody to write",
        "chmod 777 /etc/systemd",
        "chmod 755 /etc/systemd",
        path("/etc/systemd"),
    ),
)
