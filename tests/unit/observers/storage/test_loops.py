"""Which loop devices belong to a backing file, on a machine that shares them among containers."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.observers.host import command
from ansible_collections.dockwright.host.plugins.module_utils.observers.host.command import (
    CommandFailed,
    CommandNotFound,
    Output,
)
from ansible_collections.dockwright.host.plugins.module_utils.observers.storage import (
    block_devices,
    loops,
)
from ansible_collections.dockwright.host.plugins.module_utils.observers.storage.mounts import (
    Mount,
    MountTable,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.storage import (
    LoopObserved,
    MountObserved,
)

from tests.unit.observers.fake_sys import fake_sys

ELSEWHERE = "0:4711"


class Machine:
    """A file, and loop devices: each has a path in the kernel's words and an inode of its own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self._monkeypatch, self._folder = monkeypatch, folder
        self.file = folder / "docker.img"
        self.file.write_bytes(b"x")
        status = self.file.stat()
        self.inode, self.filesystem = status.st_ino, block_devices.written(status.st_dev)
        self.hidden = MountTable(
            [
                Mount(id="1", parent="0", filesystem=self.filesystem, seen=MountObserved("/")),
                Mount(id="2", parent="1", filesystem="0:99", seen=MountObserved(str(folder))),
            ]
        )

    def attach(self, *attached: tuple[str, int, str], **attributes: str) -> None:
        devices, rows = {}, []
        for number, (path, inode, filesystem) in enumerate(attached):
            devices[f"loop{number}"] = {
                "dev": f"7:{number}",
                "size": "2048",
                "ro": "0",
                "loop/backing_file": path,
                "loop/offset": "0",
                "loop/sizelimit": "0",
                "loop/dio": "0",
                **attributes,
            }
            rows.append(
                {
                    "name": f"/dev/loop{number}",
                    "back-ino": str(inode),
                    "back-maj:min": f" {filesystem}",
                }
            )
        devices["loop9"] = {"dev": "7:9", "size": "0", "ro": "0"}
        fake_sys(self._monkeypatch, self._folder / "sys", devices)
        text = json.dumps({"loopdevices": rows})
        self._monkeypatch.setattr(command, "read", lambda _argv: Output(0, text, ""))

    def observe(self, *mounted: MountObserved) -> list[tuple[str, bool]]:
        found = loops.observe_loops(str(self.file), mounted, self.hidden)
        return [(loop.device, loop.current) for loop in found]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Machine:
    return Machine(monkeypatch, tmp_path)


def test_a_file_s_loop_devices_are_known_by_its_inode(machine: Machine) -> None:
    path = str(machine.file)
    machine.attach(
        (path, machine.inode, machine.filesystem),
        # Those of other containers: the same path, the same inode, the same filesystem.
        (path, machine.inode, ELSEWHERE),
        (path, machine.inode + 1, machine.filesystem),
        ("/another/name/of/it", machine.inode, machine.filesystem),
        ("/unrelated.img", 17, machine.filesystem),
    )
    assert machine.observe() == [("/dev/loop0", True), ("/dev/loop3", True)]


def test_a_loop_device_is_told_with_all_its_attributes(machine: Machine) -> None:
    machine.attach(
        (str(machine.file), machine.inode, machine.filesystem),
        **{
            "ro": "1",
            "loop/offset": "4096",
            "loop/sizelimit": "8192",
            "loop/dio": "1",
            "holders/dm-0/dev": "253:0",
        },
    )
    assert loops.observe_loops(str(machine.file), (), machine.hidden) == (
        LoopObserved(
            device="/dev/loop0",
            number="7:0",
            backing_file=str(machine.file),
            current=True,
            size=1024 * 1024,
            offset=4096,
            size_limit=8192,
            read_only=True,
            direct_io=True,
            holders=("dm-0",),
        ),
    )


def test_a_file_that_was_deleted_had_the_name(machine: Machine) -> None:
    words = f"{machine.file} (deleted)"
    machine.attach(
        (words, machine.inode + 1, machine.filesystem),
        (words, machine.inode + 1, ELSEWHERE),
        (f"{machine.file}.old (deleted)", machine.inode + 2, machine.filesystem),
    )
    assert machine.observe() == [("/dev/loop0", False)]
    machine.file.unlink()
    assert machine.observe() == [("/dev/loop0", False)]


def test_a_file_that_a_mount_hides_had_the_name(machine: Machine) -> None:
    machine.attach(
        (str(machine.file), 17, "0:99"),
        (str(machine.file), 17, ELSEWHERE),
    )
    assert machine.observe() == [("/dev/loop0", False)]


def test_what_is_mounted_is_told_whatever_it_is_attached_to(machine: Machine) -> None:
    machine.attach(("/unrelated.img", 17, ELSEWHERE))
    assert machine.observe(MountObserved("/mnt", number="7:0")) == [("/dev/loop0", False)]
    assert machine.observe(MountObserved("/mnt", number="252:1")) == []


def test_a_link_in_the_path_leads_to_the_same_file(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    machine.attach(
        (str(machine.file), machine.inode, machine.filesystem),
        (f"{machine.file} (deleted)", 17, machine.filesystem),
    )
    machine.file = tmp_path / "link" / machine.file.name
    assert machine.observe() == [("/dev/loop0", True), ("/dev/loop1", False)]


def test_nothing_is_asked_where_no_loop_device_is_attached(
    monkeypatch: pytest.MonkeyPatch, machine: Machine
) -> None:
    machine.attach()
    monkeypatch.delattr(command, "read")
    assert machine.observe() == []
    monkeypatch.setattr(block_devices, "SYS", "/no/such/folder")
    assert machine.observe() == []


def test_without_losetup_no_loop_device_is_known(
    monkeypatch: pytest.MonkeyPatch, machine: Machine
) -> None:
    def not_there(_argv: Any) -> Output:
        raise CommandNotFound("losetup could not be run")

    machine.attach((str(machine.file), machine.inode, machine.filesystem))
    monkeypatch.setattr(command, "read", not_there)
    assert machine.observe() == []


@pytest.mark.parametrize(
    "output", [Output(1, "", "no"), Output(0, "what", ""), Output(0, "[]", "")]
)
def test_losetup_that_does_not_answer_is_not_an_absence(
    monkeypatch: pytest.MonkeyPatch, machine: Machine, output: Output
) -> None:
    machine.attach((str(machine.file), machine.inode, machine.filesystem))
    monkeypatch.setattr(command, "read", lambda _argv: output)
    with pytest.raises(CommandFailed):
        machine.observe()


def test_losetup_s_numbers_are_texts_in_2_32_and_numbers_later() -> None:
    rows = [
        {"name": "/dev/loop0", "back-ino": "131", "back-maj:min": " 253:0"},
        {"name": "/dev/loop1", "back-ino": 132, "back-maj:min": "253:0"},
        # A container without a node for it does not tell it.
        {"name": "/dev/loop2 (lost)", "back-ino": None, "back-maj:min": None},
    ]
    assert loops.parse_losetup(json.dumps({"loopdevices": rows})) == {
        "loop0": loops.Backing(131, "253:0"),
        "loop1": loops.Backing(132, "253:0"),
    }


@pytest.mark.parametrize("text", ["", "{}", '{"loopdevices": []}', '{"loopdevices": null}'])
def test_losetup_may_list_nothing(text: str) -> None:
    assert loops.parse_losetup(text) == {}


def test_the_nearest_folder_is_above_the_path(tmp_path: Path) -> None:
    assert loops.nearest_folder(str(tmp_path / "a" / "b" / "c.img")) == os.path.realpath(tmp_path)
    assert loops.nearest_folder("/no-such-folder/c.img") == "/"
