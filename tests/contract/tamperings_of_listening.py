"""Tamperings with the socket at which clients look for the daemon, and its next start."""

from tests.contract.tampering import Tampering
from tests.contract.tamperings_of_group import SOCKET

UNREACHED = (("service.socket", SOCKET),)
# Both at once, since systemd makes the socket only while no daemon has it.
MENDED = (
    "systemctl reset-failed docker.socket docker.service; "
    "systemctl restart docker.socket docker.service"
)

LISTENING_ROWS = (
    Tampering("Docker's socket was removed", f"rm {SOCKET}", MENDED, UNREACHED),
    Tampering(
        "the daemon was restarted with a socket that was removed",
        f"rm {SOCKET}; systemctl reset-failed docker.service; systemctl restart docker.service",
        MENDED,
        UNREACHED,
    ),
    Tampering(
        "the daemon's socket was masked once, and unmasked",
        "systemctl mask -q docker.socket; systemctl unmask -q docker.socket",
        MENDED,
        UNREACHED,
    ),
    Tampering(
        "another socket was put in its place, at which nobody listens",
        f"""rm {SOCKET}; python3 -c 'import socket; socket.socket(1).bind("{SOCKET}")'; """
        f"chgrp docker {SOCKET}; chmod 660 {SOCKET}",
        MENDED,
        UNREACHED,
    ),
    Tampering(
        "docker.socket was stopped, and the daemon with it",
        "systemctl stop -q docker.socket",
        "systemctl reset-failed docker.service; systemctl start docker.service",
        (("service.running", "docker.service"),),
    ),
    Tampering(
        "a directory was made in its place",
        f"rm {SOCKET}; mkdir {SOCKET}",
        f"rmdir {SOCKET}; {MENDED}",
        UNREACHED,
        refused=f"{SOCKET} is to be Docker's socket, and it is a directory",
    ),
)
