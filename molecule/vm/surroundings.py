"""The lab's package site and registry, served for the machine alone.

In qemu's user-mode network the machine reaches whatever this host reaches, also the services'
addresses on the container engine's network. It only has to be told their names.
"""

from dataclasses import dataclass

from checkout import Checkout
from commands import LabError
from engine import Engine, acquire
from images import Images
from lab import make_networks
from package_site import Manifest
from parallel import SideBySide
from progress import Progress
from services import (
    PACKAGES_NAME,
    PACKAGES_SERVICE,
    REGISTRY_NAME,
    REGISTRY_SERVICE,
    Services,
)


@dataclass(frozen=True)
class Surroundings:
    """The services that are up: addresses by name, and what the package site holds."""

    addresses: dict[str, str]
    manifest: Manifest


def serve(checkout: Checkout, progress: Progress) -> Surroundings:
    """Build what is missing, and serve it."""
    engine = acquire(checkout, progress, None)
    make_networks(checkout, engine)
    services = Services(checkout, engine, progress, Images(checkout, engine, progress).tool())
    with SideBySide() as steps:
        site = steps.start(services.build_package_site)
        registry = steps.start(services.fill_registry)
        certificates = steps.start(services.make_certificates)
    certificates.result()
    with progress.step("starting the package site and the registry"):
        services.start(registry.result())
        services.wait()
    addresses = {
        PACKAGES_NAME: _address(checkout, engine, PACKAGES_SERVICE),
        REGISTRY_NAME: _address(checkout, engine, REGISTRY_SERVICE),
    }
    return Surroundings(addresses, site.result())


def _address(checkout: Checkout, engine: Engine, service: str) -> str:
    shape = f'{{{{(index .NetworkSettings.Networks "{checkout.network}").IPAddress}}}}'
    container = checkout.container(service)
    address = engine.docker("inspect", "--format", shape, container).stdout.strip()
    if not address:
        raise LabError(f"The container {container} has no address")
    return address
