"""Where the virtual machine keeps things: a part of the lab's git-ignored folder."""

from pathlib import Path

from checkout import Checkout, this_checkout

VM_FOLDER = Path(__file__).resolve().parent


def vm_checkout() -> Checkout:
    """Give the lab as the machine uses it; services, names, folders and lock are its own."""
    lab = this_checkout()
    return Checkout(root=VM_FOLDER, state=lab.state / "vm", cache=lab.cache)


def image_cache(checkout: Checkout) -> Path:
    """Give the folder of built images, which outlive the machine."""
    return checkout.state / "images"


def run_folder(checkout: Checkout) -> Path:
    """Give the folder of the machine that is up, which goes with it."""
    return checkout.state / "run"


def inventory(checkout: Checkout) -> Path:
    """Give the inventory of the machine that is up."""
    return run_folder(checkout) / "hosts.yml"
