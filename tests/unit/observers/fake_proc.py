"""A /proc of a few processes, in texts and links as on a lab host (cgroup v1)."""

from collections.abc import Mapping
from pathlib import Path

ABOVE = "/docker/0d1c"


class FakeProc:
    """Processes are added one by one; PID 1 is systemd, in the host's namespaces."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "proc"
        self.files = folder / "files"
        self.files.mkdir(parents=True)
        self.folder.mkdir()
        (self.folder / "locks").write_text("")
        self.add(1, "/usr/lib/systemd/systemd", ["/sbin/init"], cgroup="/init.scope", parent=0)

    def __str__(self) -> str:
        return str(self.folder)

    def add(
        self,
        pid: int,
        program: str,
        arguments: list[str],
        *,
        name: str = "",
        cgroup: str = "/system.slice/ssh.service",
        parent: int = 1,
        uid: int = 0,
        state: str = "S",
        listens: tuple[str, ...] = (),
        namespaces: Mapping[str, str] = {},
    ) -> None:
        """Add a process; without arguments it is a kernel thread."""
        folder = self.folder / str(pid)
        for part in ("ns", "fd", "net"):
            (folder / part).mkdir(parents=True)
        (folder / "cmdline").write_bytes(
            b"".join(each.encode("utf-8", "surrogateescape") + b"\0" for each in arguments)
        )
        name = name or program.rpartition("/")[2][:15]
        (folder / "stat").write_bytes(
            f"{pid} ({name}) {state} {parent} {pid} {pid} 0 -1 4194560 4512 0 12 0 31 18 0 0 20 0 "
            f"14 0 {5000 + pid} 2251919360 20480 0".encode("utf-8", "surrogateescape")
        )
        (folder / "status").write_text(f"Name:\t{name}\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\n")
        (folder / "cgroup").write_text(f"9:name=systemd:{ABOVE}{cgroup}\n7:blkio:/\n0::/x.scope\n")
        if program:
            (folder / "exe").symlink_to(program)
        (folder / "root").symlink_to("/")
        (folder / "cwd").symlink_to("/root")
        for kind in ("pid", "mnt", "user"):
            (folder / "ns" / kind).symlink_to(f"{kind}:[{namespaces.get(kind, '4026531800')}]")
        for index, path in enumerate(listens):
            (folder / "fd" / str(index + 3)).symlink_to(f"socket:[{pid * 10 + index}]")
            for each in (folder, self.folder / "1"):
                with (each / "net" / "unix").open("a") as unix:
                    unix.write(
                        f"00000000e624d6ad: 00000002 00000000 00010000 0001 01 {pid * 10 + index} "
                        f"{path}\n"
                    )
        for each in (folder, self.folder / "1"):
            unix_file = each / "net" / "unix"
            text = unix_file.read_text() if unix_file.exists() else ""
            if not text.startswith("Num"):
                unix_file.write_text("Num RefCount Protocol Flags Type St Inode Path\n" + text)
