"""Remember a lab between runs, beside its key; the engine's word counts more than this."""

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class HostState:
    """A host as it was last started."""

    port: int
    image: str
    kind: str
    note: str
    host_key: str


@dataclass
class LabState:
    """The whole lab; `complete` is false during a run, and stays so if the run is killed."""

    complete: bool = True
    engine: str | None = None
    hosts: dict[str, HostState] = field(default_factory=dict)


def load(folder: Path) -> LabState:
    """Load the remembered lab; if it cannot be read, the last run counts as cut off."""
    path = _path(folder)
    if not path.exists():
        return LabState()
    try:
        data = json.loads(path.read_text())
        hosts = {name: HostState(**host) for name, host in data["hosts"].items()}
        return LabState(data["complete"], data["engine"], hosts)
    except (ValueError, KeyError, TypeError, AttributeError):
        return LabState(complete=False)


def save(folder: Path, lab: LabState) -> None:
    write_whole(_path(folder), json.dumps(dataclasses.asdict(lab), indent=2) + "\n")


def write_whole(path: Path, text: str) -> None:
    """Write a file so that nobody ever reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(text)
    beside.replace(path)


def _path(folder: Path) -> Path:
    return folder / "state.json"
