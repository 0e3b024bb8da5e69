"""Throw-away signing keys, which do not outlive the build."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .commands import BuildFailed, run

# One primary key and a subkey that signs, as in the key of Docker's debs.
_PARAMETERS = """\
%no-protection
Key-Type: RSA
Key-Length: 3072
Key-Usage: cert,sign
Subkey-Type: RSA
Subkey-Length: 3072
Subkey-Usage: sign
Name-Real: {owner}
Name-Email: lab@dockwright.invalid
Expire-Date: 0
%commit
"""


@dataclass(frozen=True)
class Signer:
    """A key pair in a GnuPG home of its own."""

    home: Path
    fingerprint: str
    public_key: bytes

    def sign_clear(self, document: Path, signed: Path) -> None:
        """Sign a document, with the signature around it."""
        self._gpg("--output", str(signed), "--clear-sign", str(document))

    def sign_detached(self, document: Path, signature: Path) -> None:
        """Sign a document, with the signature in a file of its own."""
        self._gpg("--output", str(signature), "--armor", "--detach-sign", str(document))

    def sign_rpm(self, rpm: Path) -> None:
        """Put the signature into an rpm."""
        # rpm needs gpg's full path, since not every release of it searches PATH.
        gpg = shutil.which("gpg") or "/usr/bin/gpg"
        argv = ["rpmsign"]
        for definition in (f"_gpg_name {self.fingerprint}", f"__gpg {gpg}"):
            argv += ["--define", definition]
        run([*argv, "--addsign", rpm], environment={"GNUPGHOME": str(self.home)})

    def _gpg(self, *arguments: str) -> None:
        _gpg(self.home, "--local-user", self.fingerprint, *arguments)


@contextmanager
def throw_away_key(owner: str) -> Iterator[Signer]:
    """Give a fresh key, whose secret half is deleted at the end."""
    # Not below WORK: the path of the agent's socket must stay short.
    with tempfile.TemporaryDirectory(prefix="gpg-") as folder:
        home = Path(folder)
        parameters = home / "parameters"
        parameters.write_text(_PARAMETERS.format(owner=owner), encoding="utf-8")
        try:
            _gpg(home, "--generate-key", str(parameters))
            fingerprint = _primary(_gpg(home, "--with-colons", "--list-keys"))
            public_key = _gpg(home, "--armor", "--export", fingerprint).encode()
            yield Signer(home, fingerprint, public_key)
        finally:
            run(["gpgconf", "--homedir", home, "--kill", "all"])


def _primary(listing: str) -> str:
    lines = listing.splitlines()
    if sum(line.startswith("pub:") for line in lines) != 1:
        raise BuildFailed("the new keyring does not hold exactly one primary key")
    first = next(line for line in lines if line.startswith("fpr:"))
    return first.split(":")[9]


def _gpg(home: Path, *arguments: str) -> str:
    settings = ["--batch", "--yes", "--digest-algo", "SHA512", "--cert-digest-algo", "SHA512"]
    return run(["gpg", "--homedir", home, *settings, *arguments])
