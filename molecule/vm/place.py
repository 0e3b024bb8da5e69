"""Where the virtual machine keeps things: in a part of the lab's git-ignored folder."""

from pathlib import Path

from checkout import Checkout, this_checkout

VM_FOLDER = Path(__file__).resolve().parent


def vm_checkout() -> Checkout:
    """The lab as the machine uses it: services, names, folders and a lock apart from the hosts'."""
    lab = this_checkout()
    return Checkout(root=VM_FOLDER, state=lab.state / "vm", cache=lab.cache)


def image_cache(checkout: Checkout) -> Path:
    """The built images, which outlive the machine."""
    return checkout.state / "images"


def run_folder(checkout: Checkout) -> Path:
    """What belongs to the machine that is up, and goes with it."""
    return checkout.state / "run"


def inventory(checkout: Checkout) -> Path:
    """The inventory of the machine that is up."""
    return run_folder(checkout) / "hosts.yml"
