"""The inventory of the machine: how Ansible reaches it, and the package site that it uses."""

from typing import Any

import yaml

from checkout import Checkout
from guest import NAME, Guest
from image import SUITE, GuestImage
from package_site import Manifest
from place import inventory
from services import PACKAGES_NAME, REGISTRY_NAME, tls_folder
from state import write_whole

HEADER = "# Written by molecule/vm while its machine is up, and removed by its `down`.\n"


def write_inventory(
    checkout: Checkout, guest: Guest, image: GuestImage, port: int, manifest: Manifest
) -> None:
    """Write the inventory as a whole, once the machine is up."""
    # The engines whose binaries run with the C library of Debian 12.
    newest = [engine for engine in manifest.engines if SUITE in engine.packages][-1]
    options = (
        f'-o UserKnownHostsFile="{guest.known_hosts}" -o GlobalKnownHostsFile=/dev/null '
        "-o StrictHostKeyChecking=yes -o IdentitiesOnly=yes"
    )
    host: dict[str, Any] = {
        "ansible_host": "127.0.0.1",
        "ansible_port": port,
        "ansible_user": "root",
        "ansible_ssh_private_key_file": str(image.private_key),
        "ansible_ssh_common_args": options,
        # A busy emulated machine takes longer to answer than any other.
        "ansible_timeout": 60,
        "ansible_python_interpreter": "/usr/bin/python3",
        "docker_engine_repo_urls": [f"http://{PACKAGES_NAME}"],
        "docker_engine_repo_key_fingerprint": manifest.fingerprint,
        "vm_engine": newest.reported,
        "vm_registry": REGISTRY_NAME,
        "vm_registry_ca": str(tls_folder(checkout) / "ca.crt"),
    }
    text = yaml.safe_dump({"vm": {"hosts": {NAME: host}}}, sort_keys=False, width=100)
    write_whole(inventory(checkout), f"{HEADER}---\n{text}")
