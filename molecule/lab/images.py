"""The images of the lab: one per host, and the `tool` image that builds and serves the rest.

Real images are used when an image registry answers; that path is untried. Otherwise stand-ins made
from the Debian archive take their place, and are named as stand-ins wherever they show.
"""

import hashlib
import os
import shutil
import threading
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from checkout import KIND_LABEL, LAB_FOLDER, NOTE_LABEL, Checkout
from commands import LabError, run
from engine import Engine
from locks import locked
from machine import debian_mirror, release, require
from package_site import STAND_IN_LIBRARIES
from progress import Progress
from real_images import REAL_IMAGES, REAL_TOOL

PROBE_SECONDS = 5
# For people who want one kind whatever answers: "real" or "stand-in".
FORCED_KIND = "DOCKWRIGHT_LAB_IMAGES"
DEBIAN_SUITE = "trixie"
STAND_INS = LAB_FOLDER / "stand_ins"
STAND_IN_NOTES = {
    "debian13": "a Debian 13 made with mmdebstrap",
    "ubuntu2404": "Debian 13 under the name of Ubuntu 24.04",
    "centos9": "Debian 13 with dnf and rpm under the name of CentOS Stream 9",
}
# mmdebstrap in namespaces of its own leaves neither processes nor mounts if it is killed.
IN_NAMESPACES = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")


@dataclass(frozen=True)
class HostImage:
    """An image from which a host is started, and what it really is."""

    tag: str
    kind: str
    note: str


@cache
def registry_answers(registry: str) -> bool:
    """Whether an image registry can be reached from here, found out within a bounded time."""
    forced = os.environ.get(FORCED_KIND, "")
    if forced in ("real", "stand-in"):
        return forced == "real"
    try:
        urllib.request.urlopen(f"https://{registry}/v2/", timeout=PROBE_SECONDS).close()
    except urllib.error.HTTPError as answer:
        return answer.code == 401
    except (OSError, ValueError):
        return False
    return True


class Images:
    """Build what is missing, once for all checkouts of this machine; keyed by the recipes."""

    def __init__(self, checkout: Checkout, engine: Engine, progress: Progress) -> None:
        self._checkout = checkout
        self._engine = engine
        self._progress = progress
        self._mirror = debian_mirror()
        self._own_builders: dict[str, threading.Lock] = defaultdict(threading.Lock)

    def kind(self, name: str) -> tuple[str, str]:
        """Say whether a host's image is "real" or a "stand-in", with a sentence on what it is."""
        real = REAL_IMAGES[name]
        if registry_answers(real.registry):
            return "real", f"the image {real.reference}"
        asked = FORCED_KIND in os.environ
        reason = f"as {FORCED_KIND} asks" if asked else "because no image registry answered"
        return "stand-in", f"{STAND_IN_NOTES[name]}, {reason}"

    def host(self, name: str) -> HostImage:
        """Give the image of a host: the real one if its registry answers, else the stand-in."""
        kind, note = self.kind(name)
        if kind == "real":
            ground = self._ground(f"{name}-real", REAL_IMAGES[name].dockerfile)
            # A real image needs only ssh host keys of its own.
            folder = STAND_INS / "debian13"
        else:
            ground = self._ground("stand-in", None)
            folder = STAND_INS / name
        return HostImage(self._on_ground(f"{name}-{kind}", ground, folder, kind, note), kind, note)

    def tool(self) -> str:
        """Give the image with every program that the lab's services and builds need."""
        packages = STAND_INS / "tool" / "packages.txt"
        if registry_answers(REAL_TOOL.registry):
            dockerfile = REAL_TOOL.dockerfile.replace("PACKAGES", " ".join(_listed(packages)))
            return self._built("tool-real", digest(dockerfile), dockerfile, None, {})
        return self._debian("tool", packages)

    def _ground(self, name: str, dockerfile: str | None) -> str:
        """Give a bootable base: a real image with systemd added, or a Debian made here."""
        if dockerfile is None:
            start = self._debian("debian", STAND_INS / "base" / "packages.txt")
        else:
            start = self._built(f"{name}-start", digest(dockerfile), dockerfile, None, {})
        folder = STAND_INS / "base"
        key = digest(start, folder, STAND_INS / "lab-init")
        return self._built(f"{name}-base", key, None, folder, {"START": start})

    def _on_ground(self, name: str, ground: str, folder: Path, kind: str, note: str) -> str:
        labels = {KIND_LABEL: kind, NOTE_LABEL: note}
        arguments = {"BASE": ground}
        if folder.name == "centos9":
            arguments["LIBRARIES"] = " ".join(STAND_IN_LIBRARIES)
        key = digest(folder, note, *arguments.values())
        return self._built(name, key, None, folder, arguments, labels)

    def _debian(self, name: str, packages: Path) -> str:
        """Make an image from the Debian archive, which needs root but no registry."""
        tag = f"dockwright-lab/{name}:{digest(packages, self._mirror, DEBIAN_SUITE)}"
        with self._building(tag, name) as folder:
            if folder is None:
                return tag
            require("mmdebstrap", self._progress, self._checkout.cache / "logs")
            tar = folder / "image.tar"
            options = ["--mode=root", "--variant=apt", f"--include={','.join(_listed(packages))}"]
            options += ['--aptopt=Apt::Install-Recommends "false"']
            options += [f"--dpkgopt=path-exclude=/usr/share/{part}/*" for part in ("man", "doc")]
            keys = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
            if release().get("ID") != "debian" and keys.exists():
                options += [f"--keyring={keys}"]
            run(
                [*IN_NAMESPACES, "mmdebstrap", *options, DEBIAN_SUITE, str(tar), self._mirror],
                log=self._log(name),
                environment={"TMPDIR": str(folder)},
            )
            self._engine.docker("import", "--change", "ENV LANG=C.UTF-8", str(tar), tag)
        return tag

    def _built(
        self,
        name: str,
        key: str,
        dockerfile: str | None,
        source: Path | None,
        arguments: dict[str, str],
        labels: dict[str, str] | None = None,
    ) -> str:
        """Build an image from a Dockerfile, given as text or as a folder with what it copies."""
        tag = f"dockwright-lab/{name}:{key}"
        with self._building(tag, name) as folder:
            if folder is None:
                return tag
            context = folder / "context"
            if source:
                shutil.copytree(source, context)
            else:
                context.mkdir()
            shutil.copy(STAND_INS / "lab-init", context)
            if dockerfile:
                (context / "Dockerfile").write_text(dockerfile)
            command = ["build", "--force-rm", "--network", "host", "--tag", tag]
            for option, values in (("--build-arg", arguments), ("--label", labels or {})):
                for variable, value in values.items():
                    command += [option, f"{variable}={value}"]
            # This is the builder that every docker client still has, with or without buildx.
            plain = {"DOCKER_BUILDKIT": "0"}
            self._engine.docker(*command, str(context), log=self._log(name), environment=plain)
        return tag

    @contextmanager
    def _building(self, tag: str, name: str) -> Iterator[Path | None]:
        """Give a folder to build an image in, locked against other builders; None if it exists.

        The lock within the process comes first: our own threads are not "another lab".
        """
        file_name = tag.replace("/", "-").replace(":", "-")
        scratch = self._checkout.cache / "scratch" / file_name
        lock = self._checkout.cache / "locks" / f"{file_name}.lock"
        with self._own_builders[tag]:
            if self._engine.has_image(tag):
                yield None
                return
            with locked(lock, self._progress, f"another lab that builds {tag}"):
                if self._engine.has_image(tag):
                    yield None
                    return
                shutil.rmtree(scratch, ignore_errors=True)
                scratch.mkdir(parents=True)
                try:
                    with self._progress.step(f"building the {name} image"):
                        yield scratch
                finally:
                    shutil.rmtree(scratch, ignore_errors=True)

    def _log(self, name: str) -> Path:
        return self._checkout.cache / "logs" / f"image-{name}.log"


def digest(*parts: str | Path) -> str:
    """Give a short digest of texts, files and folders: a changed recipe is another image."""
    whole = hashlib.sha256()
    for part in parts:
        if isinstance(part, str):
            whole.update(part.encode() + b"\0")
            continue
        files = sorted(part.rglob("*")) if part.is_dir() else [part]
        for file in files:
            if file.is_file() and "__pycache__" not in file.parts:
                whole.update(f"{file.relative_to(part)}\0".encode() + file.read_bytes() + b"\0")
    return whole.hexdigest()[:12]


def _listed(path: Path) -> list[str]:
    """Give the package names in a file, one to a line, without comments."""
    names = [line for line in path.read_text().split("\n") if line and not line.startswith("#")]
    if not names:
        raise LabError(f"{path} lists no packages")
    return names
