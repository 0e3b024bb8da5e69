"""The checkout that a lab belongs to, and the names and folders that follow from it."""

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

HOST_NAMES = ("debian13", "ubuntu2404", "centos9")
LABEL = "dockwright.lab"
CHECKOUT_LABEL = f"{LABEL}.checkout"
KIND_LABEL = f"{LABEL}.kind"
NOTE_LABEL = f"{LABEL}.note"
IMAGE_LABEL = f"{LABEL}.image"
LAB_FOLDER = Path(__file__).resolve().parent
DEFAULT_CACHE = Path("/var/lib/dockwright-lab")
# Tests that run side by side have a lab for each lane; the lane ends its names, such as -gw0.
LANE = "DOCKWRIGHT_LAB_LANE"


@dataclass(frozen=True)
class Checkout:
    """A checkout of the repository: its lab's folders, and the key in the names of all it makes."""

    root: Path
    state: Path
    cache: Path
    lane: str = ""

    @property
    def key(self) -> str:
        return hashlib.sha256(f"{self.root}{self.lane}".encode()).hexdigest()[:8]

    @property
    def network(self) -> str:
        return f"dockwright-lab-{self.key}"

    @property
    def hidden_network(self) -> str:
        """Name the network on which services are and hosts are not."""
        return f"{self.network}-hidden"

    @property
    def inventory(self) -> Path:
        return self.root / "molecule" / f"inventory{self.lane}" / "hosts.yml"

    @property
    def lock(self) -> Path:
        """Give the lock of the one run that may change this checkout's lab; it is never removed."""
        return self.cache / "locks" / f"lab-{self.key}.lock"

    def container(self, name: str) -> str:
        """Name this checkout's container for a host or a service."""
        return f"dockwright-lab-{self.key}-{name}"

    def kept_images(self, name: str) -> str:
        """Name the repository of a kept host's images, which all lanes share."""
        key = hashlib.sha256(f"{self.root}".encode()).hexdigest()[:8]
        return f"dockwright-lab/kept-{key}-{name}"

    def labels(self) -> list[str]:
        """Give the docker arguments that mark a thing as made by this checkout's lab."""
        return ["--label", f"{LABEL}={self.key}", "--label", f"{CHECKOUT_LABEL}={self.root}"]


def this_checkout() -> Checkout:
    """Give the checkout with this file, with its folders and the lane that the environment names.

    :raises ValueError: for a lane that cannot be a part of a name.
    """
    lane = os.environ.get(LANE, "")
    if not re.fullmatch(r"(-[a-z0-9]+)?", lane):
        raise ValueError(f"{LANE}={lane}: wanted is a dash and small letters or digits, as in -gw0")
    return _checkout(lane)


def every_lane() -> list[Checkout]:
    """Give this checkout with each lane that has left a state folder, and without a lane."""
    state = _checkout("").state
    lanes = sorted(path.name[len(state.name) :] for path in state.parent.glob(f"{state.name}-*"))
    return [_checkout(lane) for lane in ("", *lanes)]


def _checkout(lane: str) -> Checkout:
    root = LAB_FOLDER.parents[1]
    state = os.environ.get("DOCKWRIGHT_LAB_STATE")
    cache = os.environ.get("DOCKWRIGHT_LAB_CACHE")
    folder = Path(state).resolve() if state else root / "molecule" / ".lab"
    return Checkout(
        root=root,
        state=folder.with_name(f"{folder.name}{lane}"),
        cache=Path(cache).resolve() if cache else DEFAULT_CACHE,
        lane=lane,
    )
