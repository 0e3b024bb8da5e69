"""The demo: a bare host becomes a Docker host, each step told before it is done."""

import json
import os
import shlex
import subprocess
import sys
import textwrap
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console
from rich.panel import Panel

ROOT = Path(__file__).resolve().parents[2]
INVENTORY = Path("molecule") / "inventory"
LAB = Path("molecule") / "lab"
HOST = "debian13"
SITE = ["ansible-playbook", "--inventory", str(INVENTORY), "--limit", HOST, "site.yml"]
FILE = "/etc/docker/daemon.json"
MOUNT_POINT = "/data0/store/soft/docker"
STORAGE = {
    "file": "/data0/store/soft/myDocker.btrfs",
    "mount_point": MOUNT_POINT,
    "size": "1G",
}
PROCESS = "systemctl show --property=MainPID docker.service"
# Widths of a told line, and of a command's line without the backslash at its end.
WIDTH = 78


class Demo:
    """Tells and runs the steps."""

    def __init__(self) -> None:
        self.console = Console(highlight=False, soft_wrap=True)
        self.began = time.monotonic()
        self.step = 0

    def tell(self, title: str, why: str) -> None:
        """Open a step."""
        self.step += 1
        seconds = time.monotonic() - self.began
        self.console.print()
        self.console.rule(f"[bold]{self.step}. {title}[/]  [dim]{seconds:.0f} s[/]", align="left")
        self.console.print(textwrap.fill(why, WIDTH))

    def run(self, argv: Sequence[str], expected: int = 0, given: str | None = None) -> None:
        """Run a command with its output shown, and end the demo where it does not go as told."""
        fed = [f"< {shlex.quote(given)}"] if given else []
        command = wrapped([*map(shlex.quote, argv), *fed])
        self.console.print(f"\n$ {command}", style="cyan", markup=False)
        with (ROOT / given if given else Path(os.devnull)).open() as file:
            ran = subprocess.run(list(argv), cwd=ROOT, env=environment(), stdin=file, check=False)
        if ran.returncode != expected:
            self.console.print(
                f"\n[red]That ended with {ran.returncode}, not {expected}.[/] The lab is still up: "
                f"look around with `{ssh_command()}`, take it down with `make lab-down`."
            )
            sys.exit(1)

    def on_host(self, command: str, expected: int = 0, given: str | None = None) -> None:
        """Run a command on the host."""
        self.run([python(), str(LAB), "ssh", HOST, command], expected, given)


def wrapped(words: Sequence[str]) -> str:
    """Break a command into lines for a terminal, to be pasted; an option stays with its value."""
    parts: list[str] = []
    for word in words:
        if parts and parts[-1].startswith("-") and not word.startswith("-"):
            parts[-1] += f" {word}"
        else:
            parts.append(word)
    lines = [parts[0]]
    for part in parts[1:]:
        if len(lines[-1]) + len(part) < WIDTH:
            lines[-1] += f" {part}"
        else:
            lines.append(f"    {part}")
    return " \\\n".join(lines)


def environment() -> Mapping[str, str]:
    """Give an environment with the project's own programs first, and a terminal's colours."""
    binaries = str(Path(sys.executable).parent)
    colour = {"ANSIBLE_FORCE_COLOR": "1"} if sys.stdout.isatty() else {}
    return {**os.environ, "PATH": f"{binaries}:{os.environ['PATH']}", **colour}


def python() -> str:
    """Name this Python as a person in the checkout would."""
    executable = Path(sys.executable)
    inside = executable.is_relative_to(ROOT)
    return str(executable.relative_to(ROOT) if inside else executable)


def ssh_command() -> str:
    """Give the command by which a person logs in to the host."""
    return f"{python()} {LAB} ssh {HOST}"


def host_variables() -> dict[str, Any]:
    """Give the lab's variables of the host."""
    group = yaml.safe_load((ROOT / INVENTORY / "hosts.yml").read_text())["lab"]
    return {**group["vars"], **group["hosts"][HOST]}


def main() -> None:
    """Walk through the demo."""
    demo = Demo()
    demo.tell(
        "A bare host",
        "The lab starts a throw-away host with systemd and ssh, a package site and a registry. "
        "The first time it builds them from Debian's packages, which takes minutes; then seconds.",
    )
    demo.run([python(), str(LAB), "up", HOST])
    demo.run([python(), str(LAB), "reset", HOST])
    variables = host_variables()
    registry = variables["lab_registry"]
    mirrors = json.dumps({"docker_daemon_registry_mirrors": [f"https://{registry}"]})
    storage = [f"docker_storage_{name}={value}" for name, value in STORAGE.items()]
    site = [*SITE, *(part for each in (mirrors, *storage) for part in ("-e", each))]
    demo.console.print(
        f"\n{HOST} is a {variables['lab_image_kind']}: {variables['lab_image_note']}.\n"
        "There is no Docker on it:"
    )
    demo.on_host("docker version", expected=127)

    demo.tell(
        "Ask what would come",
        "Play 1 of site.yml looks at the host once and plans. With --check that is the answer: "
        "nothing is written, not even on a host that has no repository and no package yet.",
    )
    demo.run([*site, "--check"])

    demo.tell(
        "Do it",
        "The same plan, carried out: a btrfs in a file, mounted where Docker will keep its images, "
        "the repository and its one pinned key, the packages as one set, daemon.json, and then, "
        "once, the start of the daemon. Package scripts start nothing.",
    )
    demo.run(site)
    demo.on_host(f"df -h {MOUNT_POINT}")
    demo.on_host('docker info | grep -e "Storage Driver" -e "Root Dir"')

    demo.tell(
        "Run a container, pulled through a registry mirror",
        f"daemon.json names the lab's registry, {registry}, as a mirror of Docker Hub. Its "
        "certificate is a throw-away authority's, which the host comes to trust for that name "
        "alone.",
    )
    authority = Path(variables["lab_registry_ca"])
    inside = authority.is_relative_to(ROOT)
    folder = f"/etc/docker/certs.d/{registry}"
    demo.on_host(
        f"mkdir -p {folder} && cat > {folder}/ca.crt",
        given=str(authority.relative_to(ROOT) if inside else authority),
    )
    demo.on_host('docker info --format "{{json .RegistryConfig.Mirrors}}"')
    demo.on_host("docker run --rm busybox echo hi")

    demo.tell(
        "Once more",
        "Nothing differs now, so play 1 is all that runs: one look at the host, no change.",
    )
    demo.run(site)

    demo.tell(
        "Break something by hand, and have it found",
        "Somebody edits daemon.json. The plan names the key and its value. With -v it also tells "
        "the cause: drift, so the host was changed, not what is declared.",
    )
    demo.on_host(f"sed -i s/50m/5000m/ {FILE} && grep max-size {FILE}")
    demo.run([*site, "--check", "-v"])

    demo.tell(
        "Repair it",
        "The file is put right in a transaction. The daemon never read the edit, so it goes on as "
        "the process that it was.",
    )
    demo.on_host(PROCESS)
    demo.run(site)
    demo.on_host(f"grep max-size {FILE} && {PROCESS}")

    demo.console.print()
    demo.console.print(
        Panel(
            f"The host is up. Look around:   [bold]{ssh_command()}[/]\n"
            "Take it down again:            [bold]make lab-down[/]",
            title=f"Done in {time.monotonic() - demo.began:.0f} s",
            title_align="left",
            expand=False,
        )
    )


main()
