"""Which checkout this lab belongs to, and the names and folders that follow from it."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

HOST_NAMES = ("debian13", "ubuntu2404", "centos9")
LABEL = "dockwright.lab"
CHECKOUT_LABEL = f"{LABEL}.checkout"
KIND_LABEL = f"{LABEL}.kind"
NOTE_LABEL = f"{LABEL}.note"
LAB_FOLDER = Path(__file__).resolve().parent
DEFAULT_CACHE = Path("/var/lib/dockwright-lab")


@dataclass(frozen=True)
class Checkout:
    """A checkout of the repository: its lab's folders, and the key in the names of all it makes."""

    root: Path
    state: Path
    cache: Path

    @property
    def key(self) -> str:
        return hashlib.sha256(str(self.root).encode()).hexdigest()[:8]

    @property
    def network(self) -> str:
        return f"dockwright-lab-{self.key}"

    @property
    def hidden_network(self) -> str:
        """A network that services are on and hosts are not."""
        return f"{self.network}-hidden"

    @property
    def inventory(self) -> Path:
        return self.root / "molecule" / "inventory" / "hosts.yml"

    @property
    def lock(self) -> Path:
        """Held by the one run that may change this checkout's lab; never removed."""
        return self.cache / "locks" / f"lab-{self.key}.lock"

    def container(self, name: str) -> str:
        """The name of this checkout's container for a host or a service."""
        return f"dockwright-lab-{self.key}-{name}"

    def labels(self) -> list[str]:
        """The docker arguments that mark a thing as made by this checkout's lab."""
        return ["--label", f"{LABEL}={self.key}", "--label", f"{CHECKOUT_LABEL}={self.root}"]


def this_checkout() -> Checkout:
    """The checkout that this file lies in, with the folders the environment asks for."""
    root = LAB_FOLDER.parents[1]
    state = os.environ.get("DOCKWRIGHT_LAB_STATE")
    cache = os.environ.get("DOCKWRIGHT_LAB_CACHE")
    return Checkout(
        root=root,
        state=Path(state).resolve() if state else root / "molecule" / ".lab",
        cache=Path(cache).resolve() if cache else DEFAULT_CACHE,
    )
