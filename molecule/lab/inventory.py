"""Tell Ansible about the lab by an inventory file, which exists while hosts are up."""

import json
from collections.abc import Mapping
from typing import Any

import yaml

import hosts
import proxies
import services
from checkout import Checkout
from engine import Engine
from package_site import Engine as PackagedEngine
from package_site import Manifest
from state import HostState, write_whole

HEADER = "# Written by molecule/lab while its hosts are up, and removed by its `down`.\n"


def write(checkout: Checkout, engine: Engine, manifest: Manifest, up: dict[str, HostState]) -> None:
    """Write the inventory of the hosts that are up, as a whole."""
    inventory = {
        "lab": {
            "hosts": {name: _host(checkout, name, host) for name, host in sorted(up.items())},
            "vars": _group(checkout, engine, manifest),
        }
    }
    text = yaml.safe_dump(inventory, sort_keys=False, width=100)
    checkout.inventory.parent.mkdir(exist_ok=True)
    write_whole(checkout.inventory, f"{HEADER}---\n{text}")


def remove(checkout: Checkout) -> None:
    checkout.inventory.unlink(missing_ok=True)
    if checkout.lane and checkout.inventory.parent.is_dir():
        checkout.inventory.parent.rmdir()


def _host(checkout: Checkout, name: str, host: HostState) -> Mapping[str, Any]:
    options = (
        f'-o UserKnownHostsFile="{hosts.known_hosts(checkout)}" -o GlobalKnownHostsFile=/dev/null '
        "-o StrictHostKeyChecking=yes -o IdentitiesOnly=yes"
    )
    return {
        "ansible_host": "127.0.0.1",
        "ansible_port": host.port,
        "ansible_user": "root",
        "ansible_ssh_private_key_file": str(hosts.private_key(checkout)),
        "ansible_ssh_common_args": options,
        "ansible_python_interpreter": "/usr/bin/python3",
        "lab_container": checkout.container(name),
        "lab_image_kind": host.kind,
        "lab_image_note": host.note,
    }


def _group(checkout: Checkout, engine: Engine, manifest: Manifest) -> Mapping[str, Any]:
    base = f"http://{services.PACKAGES_NAME}"
    sites = {name: f"{base}{path}".rstrip("/") for name, path in manifest.sites.items()}
    hidden = base.replace(services.PACKAGES_NAME, services.HIDDEN_PACKAGES_NAME)
    variables = {
        "docker_engine_repo_urls": [sites["good"]],
        "docker_engine_repo_key_fingerprint": manifest.fingerprint,
        "lab_wrong_key_fingerprint": manifest.wrong_fingerprint,
        "lab_sites": sites,
        "lab_engines": [_engine(each) for each in manifest.engines],
        "lab_earlier_patch": _engine(manifest.earlier_patch),
        "lab_registry": services.REGISTRY_NAME,
        "lab_registry_ca": str(services.tls_folder(checkout) / "ca.crt"),
        "lab_hidden_registry": services.HIDDEN_REGISTRY_NAME,
        "lab_hidden_site": sites["good"].replace(base, hidden),
        "lab_proxies": proxies.ADDRESSES,
        "lab_proxies_container": checkout.container(services.PROXIES_SERVICE),
        "lab_proxies_secret": proxies.SECRET,
        "lab_docker_host": engine.address,
        "lab_docker_binary": engine.binary,
    }
    # It goes through JSON since YAML does not know the manifest's own types.
    plain: Mapping[str, Any] = json.loads(json.dumps(variables))
    return plain


def _engine(told: PackagedEngine) -> Mapping[str, Any]:
    return {
        "version": told.version,
        "reported": told.reported,
        "suite": told.suite,
        "packages": {family: dict(packages) for family, packages in told.packages.items()},
    }
