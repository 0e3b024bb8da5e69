"""Debian's archive: signed indexes of suites, and the packages that they name."""

import hashlib
import lzma
import re
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .commands import BuildFailed, succeeds

DEFAULT_MIRROR = "http://deb.debian.org/debian"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")

_TRIES = 3
_TIMEOUT = 60


@dataclass(frozen=True)
class BinaryPackage:
    """One .deb of Debian, as its suite's index describes it."""

    suite: str
    name: str
    version: str
    filename: str
    sha256: str
    depends: str

    @property
    def reported(self) -> str:
        """Debian's upstream version, which its Go binaries report: 28.5.2+dfsg4."""
        return self.version.split(":", 1)[-1].rsplit("-", 1)[0]

    @property
    def upstream(self) -> str:
        """The upstream project's own version: 28.5.2."""
        found = re.match(r"\d+(\.\d+)*", self.reported)
        if not found:
            raise BuildFailed(f"{self.name} {self.version}: no upstream version in it")
        return found.group()


class Index:
    """The packages of one suite, by name."""

    def __init__(self, suite: str, text: str) -> None:
        self.suite = suite
        # Every stanza, the first one too, begins after an empty line.
        self._text = f"\n\n{text.strip()}\n\n"

    def find(self, name: str) -> BinaryPackage | None:
        """Find the newest package of that name; None if the suite has none."""
        newest: BinaryPackage | None = None
        for stanza in self._stanzas(name):
            package = BinaryPackage(
                suite=self.suite,
                name=name,
                version=stanza["Version"],
                filename=stanza["Filename"],
                sha256=stanza["SHA256"],
                depends=stanza.get("Depends", ""),
            )
            if newest is None or satisfies(package.version, ">>", newest.version):
                newest = package
        return newest

    def _stanzas(self, name: str) -> Iterator[dict[str, str]]:
        head = f"\n\nPackage: {name}\n"
        start = self._text.find(head)
        while start >= 0:
            end = self._text.index("\n\n", start + 2)
            fields: dict[str, str] = {}
            for line in self._text[start + 2 : end].splitlines():
                key, separator, value = line.partition(": ")
                if separator and not line.startswith(" "):
                    fields[key] = value
            yield fields
            start = self._text.find(head, end)


class Archive:
    """A Debian mirror, and the folder with what was fetched from it."""

    def __init__(self, mirror: str, downloads: Path, architecture: str) -> None:
        if not mirror.startswith(("http://", "https://")):
            raise BuildFailed(f"{mirror}: not an HTTP address of a Debian mirror")
        self._mirror = mirror.rstrip("/")
        self._downloads = downloads
        self._architecture = architecture
        downloads.mkdir(parents=True, exist_ok=True)

    def index(self, suite: str) -> Index:
        """Give the index of a suite, whose hash Debian's archive key has signed."""
        with tempfile.TemporaryDirectory(prefix="index-") as folder:
            signed = Path(folder, "InRelease")
            self._get(f"dists/{suite}/InRelease", signed)
            release = _verified(signed)
            wanted = f"main/binary-{self._architecture}/Packages.xz"
            found = re.search(
                rf"^SHA256:\n(?: .*\n)*? ([0-9a-f]{{64}}) +\d+ {re.escape(wanted)}$",
                release,
                re.MULTILINE,
            )
            if not found:
                raise BuildFailed(f"{suite}: its Release names no {wanted}")
            packed = Path(folder, "Packages.xz")
            # It is fetched by its hash, so a mirror in the middle of an update cannot mix two
            # indexes.
            by_hash = f"main/binary-{self._architecture}/by-hash/SHA256/{found[1]}"
            self._get(f"dists/{suite}/{by_hash}", packed, found[1])
            return Index(suite, lzma.decompress(packed.read_bytes()).decode("utf-8"))

    def fetch(self, package: BinaryPackage) -> Path:
        """Give the .deb itself; download it unless an earlier build has."""
        kept = self.path(package)
        if not kept.is_file() or _sha256(kept) != package.sha256:
            partial = kept.with_name(f"{kept.name}.partial")
            self._get(package.filename, partial, package.sha256)
            partial.replace(kept)
        return kept

    def path(self, package: BinaryPackage) -> Path:
        """Give the path where a package is kept."""
        return self._downloads / Path(package.filename).name

    def keep_only(self, packages: set[BinaryPackage]) -> None:
        """Remove what only earlier builds needed."""
        wanted = {self.path(package) for package in packages}
        for path in self._downloads.iterdir():
            if path not in wanted:
                path.unlink()

    def _get(self, path: str, target: Path, sha256: str | None = None) -> None:
        url = f"{self._mirror}/{path}"
        for attempt in range(1, _TRIES + 1):
            try:
                # The scheme of the mirror was checked when the archive was named.
                with (
                    urllib.request.urlopen(url, timeout=_TIMEOUT) as answer,  # noqa: S310
                    target.open("wb") as file,
                ):
                    shutil.copyfileobj(answer, file)
                if sha256 is None or _sha256(target) == sha256:
                    return
                reason = "its SHA256 is not the one the index names"
            except (urllib.error.URLError, OSError) as error:
                reason = str(error)
            if attempt < _TRIES:
                time.sleep(attempt)
        raise BuildFailed(f"{url}: {reason}")


def satisfies(version: str, operator: str, wanted: str) -> bool:
    """Whether one Debian version has this relation to another (>=, >>, =, <<, <=)."""
    names = {">=": "ge", ">>": "gt", "=": "eq", "<<": "lt", "<=": "le"}
    return succeeds(["dpkg", "--compare-versions", version, names[operator], wanted])


def _verified(signed: Path) -> str:
    """Give only the text that Debian's archive key has signed, and nothing around it."""
    if not KEYRING.is_file():
        raise BuildFailed(f"{KEYRING} is missing: install debian-archive-keyring")
    plain = signed.with_name("Release")
    with tempfile.TemporaryDirectory(prefix="gpg-") as home:
        argv = ["gpg", "--homedir", home, "--batch", "--no-default-keyring"]
        argv += ["--keyring", str(KEYRING), "--trust-model", "always", "--status-fd", "1"]
        argv += ["--output", str(plain), "--decrypt", str(signed)]
        verdict = subprocess.run(argv, capture_output=True, text=True, check=False)
    # A release has several signatures; a keyring older than one of their keys is enough.
    verdicts = [line.split()[1] for line in verdict.stdout.splitlines() if " " in line]
    if "VALIDSIG" not in verdicts or "BADSIG" in verdicts:
        raise BuildFailed(f"{signed.name}: Debian's key did not sign it\n{verdict.stderr}")
    return plain.read_text(encoding="utf-8")


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
