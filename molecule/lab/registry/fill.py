"""Fill a folder with the storage of a registry that has library/busybox and hello-world.

Runs in the tool image. It starts Debian's docker-registry on that folder, pushes two images made
from Debian's static busybox, and stops it. Usage: fill.py FOLDER
"""

import gzip
import hashlib
import http.client
import io
import json
import subprocess
import sys
import tarfile
import time
import urllib.parse
from pathlib import Path
from tempfile import TemporaryDirectory

ADDRESS = ("127.0.0.1", 5000)
START_SECONDS = 20
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
IMAGE = "application/vnd.docker.container.image.v1+json"
LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
CREATED = "2024-01-01T00:00:00Z"
PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
HELLO = """\
#!/bin/busybox sh
echo
echo "Hello from Docker!"
echo "This message shows that your installation appears to be working correctly."
echo
echo "(This image was made by the Dockwright lab; it is not Docker's own hello-world.)"
echo
"""


def main() -> None:
    folder = Path(sys.argv[1])
    configuration = {
        "version": "0.1",
        "log": {"level": "warn"},
        "storage": {"filesystem": {"rootdirectory": str(folder)}},
        "http": {"addr": "{}:{}".format(*ADDRESS)},
    }
    with TemporaryDirectory() as scratch:
        path = Path(scratch) / "config.yml"
        # Every JSON text is also YAML.
        path.write_text(json.dumps(configuration))
        server = subprocess.Popen(["docker-registry", "serve", str(path)])
        try:
            wait_for_server()
            push("library/busybox", busybox_layer(), ["sh"])
            push("library/hello-world", hello_layer(), ["/hello"])
        finally:
            server.terminate()
            server.wait()


def busybox_layer() -> bytes:
    """Make a root folder with busybox under all its names, as the real image has them."""
    applets = subprocess.run(
        ["busybox", "--list"], check=True, capture_output=True, text=True
    ).stdout.split()
    with Layer() as layer:
        for folder in ("bin", "dev", "etc", "home", "proc", "root", "sys", "tmp", "usr", "var"):
            layer.folder(folder, 0o1777 if folder == "tmp" else 0o755)
        layer.file("bin/busybox", Path("/usr/bin/busybox").read_bytes(), 0o755)
        for applet in applets:
            if applet != "busybox":
                layer.link(f"bin/{applet}", "busybox")
        layer.file("etc/passwd", b"root:x:0:0:root:/root:/bin/sh\n", 0o644)
        layer.file("etc/group", b"root:x:0:\n", 0o644)
    return layer.content


def hello_layer() -> bytes:
    with Layer() as layer:
        layer.folder("bin", 0o755)
        layer.file("bin/busybox", Path("/usr/bin/busybox").read_bytes(), 0o755)
        layer.file("hello", HELLO.encode(), 0o755)
    return layer.content


class Layer:
    """A layer's tar archive, with the same bytes each time, whoever makes it and when."""

    def __init__(self) -> None:
        self._bytes = io.BytesIO()
        self._tar = tarfile.open(fileobj=self._bytes, mode="w")  # noqa: SIM115
        self.content = b""

    def __enter__(self) -> "Layer":
        return self

    def __exit__(self, *_: object) -> None:
        self._tar.close()
        self.content = self._bytes.getvalue()

    def folder(self, name: str, mode: int) -> None:
        entry = tarfile.TarInfo(name)
        entry.type = tarfile.DIRTYPE
        entry.mode = mode
        self._tar.addfile(entry)

    def link(self, name: str, target: str) -> None:
        entry = tarfile.TarInfo(name)
        entry.type = tarfile.SYMTYPE
        entry.linkname = target
        self._tar.addfile(entry)

    def file(self, name: str, content: bytes, mode: int) -> None:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        entry.mode = mode
        self._tar.addfile(entry, io.BytesIO(content))


def push(repository: str, tar: bytes, command: list[str]) -> None:
    """Put an image of one layer under the tag `latest`, in the form that every engine reads."""
    layer = gzip.compress(tar, mtime=0)
    machine = subprocess.run(["uname", "-m"], check=True, capture_output=True, text=True).stdout
    architecture = ARCHITECTURES.get(machine.strip(), machine.strip())
    image = json.dumps(
        {
            "architecture": architecture,
            "os": "linux",
            "created": CREATED,
            "config": {"Cmd": command, "Env": [PATH]},
            "history": [{"created": CREATED, "created_by": "Dockwright lab"}],
            "rootfs": {"type": "layers", "diff_ids": [digest(tar)]},
        }
    ).encode()
    upload(repository, layer)
    upload(repository, image)
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": {"mediaType": IMAGE, "size": len(image), "digest": digest(image)},
        "layers": [{"mediaType": LAYER, "size": len(layer), "digest": digest(layer)}],
    }
    path = f"/v2/{repository}/manifests/latest"
    request(path, "PUT", json.dumps(manifest).encode(), MANIFEST)


def upload(repository: str, content: bytes) -> None:
    place = request(f"/v2/{repository}/blobs/uploads/", "POST", b"", None)
    path = f"{place}&digest={digest(content)}"
    request(path, "PUT", content, "application/octet-stream")


def request(path: str, method: str, content: bytes, kind: str | None) -> str:
    """Send one request; give the answer's Location, where the next one goes."""
    connection = http.client.HTTPConnection(*ADDRESS, timeout=60)
    connection.request(method, path, content, {"Content-Type": kind} if kind else {})
    answer = connection.getresponse()
    words = answer.read()
    connection.close()
    if answer.status not in (200, 201, 202):
        raise SystemExit(f"{method} {path}: {answer.status} {words.decode(errors='replace')}")
    location = urllib.parse.urlsplit(answer.headers.get("Location", ""))
    return f"{location.path}?{location.query}"


def wait_for_server() -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            request("/v2/", "GET", b"", None)
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


if __name__ == "__main__":
    main()
