"""Keeps what Ansible has built of a module for the next run, for tests run it hundreds of times.

Ansible packs a module with all that it imports anew in every run, which takes longer than most of
our modules do. A payload is kept as Ansible built it, under a digest of every source that it could
have been built from.
"""

import hashlib
import os
import shutil
from pathlib import Path

from ansible import constants
from ansible.plugins.callback import CallbackBase
from ansible.release import __version__ as ansible_version

DOCUMENTATION = """
name: kept_payloads
type: aggregate
short_description: Keep the payloads of modules from run to run
description: For the tests of this project. Needs no option.
"""

ROOT = Path(__file__).resolve().parents[2]


class CallbackModule(CallbackBase):  # type: ignore[misc] # Ansible has no types.
    """Lays the kept payloads where Ansible looks for built ones, and keeps the new ones."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "kept_payloads"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__(*arguments, **options)
        self._kept = ROOT / ".cache" / "payloads" / sources_digest()
        self._built = Path(constants.DEFAULT_LOCAL_TMP) / "ansiballz_cache"

    def v2_playbook_on_start(self, _playbook: object) -> None:
        """Called before the first worker is forked."""
        copy_all(self._kept, self._built)

    def v2_playbook_on_stats(self, _stats: object) -> None:
        """Called after the last task, also of a run that failed."""
        copy_all(self._built, self._kept)
        for other in self._kept.parent.glob("*"):
            # A checkout has its sources in one state; what other states were is of no more use.
            if other != self._kept:
                shutil.rmtree(other, ignore_errors=True)


def sources_digest() -> str:
    """A name for the sources that payloads are built from."""
    digest = hashlib.sha256(ansible_version.encode())
    for path in sorted((ROOT / "plugins").rglob("*.py")):
        digest.update(f"\0{path.relative_to(ROOT)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def copy_all(source: Path, destination: Path) -> None:
    """Copy every whole payload of a folder into another, unless it is there."""
    if not source.is_dir():
        return  # Nothing is kept yet, or no module has run.
    destination.mkdir(parents=True, exist_ok=True)
    for path in source.iterdir():
        target = destination / path.name
        if path.name.endswith((".lock", "-part")) or target.exists():
            continue
        # Another run may keep the same at this moment: never half a file under its name.
        copy = destination / f"{path.name}.{os.getpid()}-part"
        shutil.copyfile(path, copy)
        copy.replace(target)
