"""Tamperings with containerd's own configuration, which no run of ours changes."""

from tests.contract.tampering import Tampering

FILE = "/etc/containerd/config.toml"
# A container that containerd knows, from an image with a program and its libraries.
RUNS = (
    "tar -hPc $(ldd /usr/bin/sleep | grep -o '/[^ ]*') /usr/bin/sleep | docker import - held; "
    "docker run -d --name held --network none held /usr/bin/sleep 600; "
)

CONTAINERD_ROWS = (
    Tampering(
        "containerd's next start would have another root",
        RUNS + f"cp -a {FILE} /root/kept; sed -i \"1i root = '/srv/containerd' # moved\" {FILE}",
        f"mv /root/kept {FILE}; docker rm -f held; docker rmi held",
        (("service.containerd_root", FILE),),
    ),
)
