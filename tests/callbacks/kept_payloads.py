"""Keep the modules that Ansible has built for the next run, since tests run them hundreds of times.

Ansible packs a module with all that it imports anew in every run, and a host compiles all of it
anew in every task. Both take longer than most of our modules. A payload is kept as Ansible built
it, with bytecode of a lab host's Python beside each source; another Python ignores that. It is kept
under a digest of every source that it could have been built from.
"""

import base64
import dataclasses
import hashlib
import os
import pickle
import shutil
import subprocess
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
# Ansible too names a file like this until it is whole.
PART = "-part"
# The ssh configuration and the name of a lab host.
COMPILER = "DOCKWRIGHT_COMPILER"
# Reads a zip and writes it with bytecode that Python accepts without checking the source (PEP 552:
# hash-based and unchecked).
COMPILE = """\
import importlib._bootstrap_external as bytecode, io, sys, zipfile
source = zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read()))
compiled = zipfile.ZipFile(sys.stdout.buffer, "w", zipfile.ZIP_DEFLATED)
for info in source.infolist():
    text = source.read(info)
    compiled.writestr(info, text)
    if info.filename.endswith(".py"):
        code = compile(text, info.filename, "exec", dont_inherit=True)
        compiled.writestr(info.filename + "c", bytecode._code_to_hash_pyc(code, bytes(8), False))
compiled.close()
"""


class CallbackModule(CallbackBase):  # type: ignore[misc] # Ansible has no types.
    """Put kept payloads where Ansible looks for built ones, and keep new ones."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "kept_payloads"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__(*arguments, **options)
        self._kept = ROOT / ".cache" / "payloads" / sources_digest() / ansible_version
        self._built = Path(constants.DEFAULT_LOCAL_TMP) / "ansiballz_cache"

    def v2_playbook_on_start(self, _playbook: object) -> None:
        """Called before the first worker is forked."""
        copy_all(self._kept, self._built)

    def v2_playbook_on_stats(self, _stats: object) -> None:
        """Called after the last task, also of a run that failed."""
        for payload in copy_all(self._built, self._kept):
            add_bytecode(payload)
        ours = self._kept.parent
        for other in ours.parent.glob("*"):
            # A checkout has its sources in one state, so payloads of other states are not needed.
            if other != ours:
                shutil.rmtree(other, ignore_errors=True)


def sources_digest() -> str:
    """Give a digest of our sources from which payloads are built."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "plugins").rglob("*.py")):
        digest.update(f"\0{path.relative_to(ROOT)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def copy_all(source: Path, destination: Path) -> list[Path]:
    """Copy each whole payload in a folder to another one that lacks it; give the copies."""
    if not source.is_dir():
        return []  # Nothing is kept yet, or no module has run.
    destination.mkdir(parents=True, exist_ok=True)
    copies = []
    for path in source.iterdir():
        target = destination / path.name
        if not path.name.endswith((".lock", PART)) and not target.exists():
            write_whole(target, path.read_bytes())
            copies.append(target)
    return copies


def write_whole(path: Path, contents: bytes) -> None:
    """Write a file as a whole, since another run may keep the same one at this moment."""
    part = path.with_name(f"{path.name}.{os.getpid()}{PART}")
    part.write_bytes(contents)
    part.replace(path)


def add_bytecode(path: Path) -> None:
    """Have a lab host compile a payload; one that cannot be compiled stays, and works as well."""
    configuration, _, host = os.environ.get(COMPILER, "").partition(" ")
    contents = path.read_bytes()
    # Ansible has kept built modules like this since 2.19 (ansible/executor/module_common.py).
    if b"_CachedModule" not in contents:
        return
    try:
        built = pickle.loads(contents)  # noqa: S301 - our own Ansible has written it.
        ran = subprocess.run(
            ["ssh", "-F", configuration, host, f"python3 -c '{COMPILE}'"],
            input=base64.b64decode(built.zip_data),
            capture_output=True,
            check=True,
        )
        compiled = dataclasses.replace(built, zip_data=base64.b64encode(ran.stdout))
    except (OSError, AttributeError, subprocess.CalledProcessError):
        return
    write_whole(path, pickle.dumps(compiled))
