"""Tamperings with unit files that systemd calls bad without naming them."""

from tests.contract.tampering import Tampering

FOLDER = "/etc/systemd/system/docker.service.d"
BYTES, NOWHERE = f"{FOLDER}/50-bytes.conf", f"{FOLDER}/50-nowhere.conf"
HIDING = "/etc/systemd/system/containerd.service"

UNIT_ROWS = (
    Tampering(
        "a drop-in holds bytes that are no text",
        f"printf '[Unit]\\nDescription=\\377\\n' > {BYTES}; systemctl daemon-reload",
        f"rm {BYTES}; systemctl daemon-reload",
        (("service.unit_file", BYTES),),
        refused="holds bytes in line 2 that are no text",
    ),
    Tampering(
        "a drop-in is a link to nothing",
        f"ln -s /nowhere {NOWHERE}; systemctl daemon-reload",
        f"rm {NOWHERE}; systemctl daemon-reload",
        (("service.unit_file", NOWHERE),),
        refused="is a link to a file that is not there",
    ),
    Tampering(
        "the file of containerd's unit is hidden by an empty one",
        f": > {HIDING}; systemctl daemon-reload",
        f"rm {HIDING}; systemctl daemon-reload",
        (("service.unit_file", HIDING),),
        refused="That masks containerd.service",
    ),
)
