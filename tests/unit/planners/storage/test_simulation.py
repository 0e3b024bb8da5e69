"""On any simulated host, the plan of a filesystem under data-root ends and loses nothing.

The host is a simulation in Python (simulated_host.py, and deeds.py, which changes it); the lab has
the real ones.

(a) What is not refused is as declared after one run. (b) Killed after any deed, the next run
finishes it. (c) Nothing is formatted over a signature but our own unfinished one on a device, and
nothing shrinks. (d) What is refused holds no step. (e) What was there is there.
"""

from collections import Counter
from typing import Any, TypeVar

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.planners.storage.state import (
    MADE,
    USED,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.storage.unit_steps import (
    REFUSED,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.storage.units import (
    DAEMON_GUARD,
    DIRECT_IO_PATH,
    DIRECT_IO_SERVICE,
    RUNTIME_GUARD,
    mount_unit,
    mount_unit_path,
    render_direct_io,
    render_guard,
    render_mount_unit,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.storage import (
    StorageDeclaration,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.difference import Plan
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.host import (
    FileObserved,
    StagedFile,
    StagedSet,
    System,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.storage import (
    FstabLine,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.tables.filesystems import (
    FILESYSTEMS,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.planners.storage.deeds import Host
from tests.unit.planners.storage.simulated_host import Loop, Mount, Volume

T = TypeVar("T")
G = 1024**3
FILE, DISK, POINT = "/data0/docker.img", "/dev/disk/by-id/virtio-data", "/srv/docker"
UNIT = mount_unit(POINT)
TOOLS = {tool for each in FILESYSTEMS.values() for tool in each.tools}
OLD = frozenset({"image", "volumes"})
DATA = frozenset({"data"})
COPIES = frozenset(f"copy of {each}" for each in OLD)
generated = settings(
    max_examples=400,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def mostly(usual: T, *others: T, times: int = 6) -> st.SearchStrategy[T]:
    """Draw the usual value, and now and then something else."""
    return st.sampled_from([usual] * times + list(others))


@st.composite
def declarations(draw: st.DrawFn) -> StorageDeclaration:
    on_disk = draw(mostly(False, True, times=3))
    options = [(), ("noatime",), ("discard",), ("noatime", "nodiscard")]
    return StorageDeclaration(
        file="" if on_disk else FILE,
        device=DISK if on_disk else "",
        size=draw(st.sampled_from([8 * G, 10 * G, 10**10 // 4096 * 4096, 12 * G])),
        filesystem=draw(mostly("auto", "btrfs", "xfs", "ext4")),
        mount_point=POINT,
        mount_options=draw(st.sampled_from(options)),
        label=draw(mostly("", "images")),
        allocation=draw(mostly("full", "sparse", times=3)),
        direct_io=draw(st.booleans()),
        state=draw(mostly("mounted", "absent")),
        adopt_existing=draw(st.sampled_from(["refuse", "move"])),
        adopt_filesystem=draw(st.booleans()),
        recreate=draw(st.booleans()),
        allow_data_removal=draw(st.booleans()),
    )


@st.composite
def volumes(draw: st.DrawFn, kind: str) -> Volume | None:
    what = draw(st.sampled_from(["none", "none", "empty", "ours", "ours", "ours", "theirs"]))
    if what == "none" and kind == "file":
        return None
    sizes = [8 * G, 10 * G, 10**10, 10 * G + 1024]
    size = draw(st.sampled_from(sizes)) if what != "empty" or kind == "device" else 0
    volume = Volume(kind, size, draw(mostly(size, size // 2, 0, times=3)))
    volume.mode, volume.owner = draw(mostly(0o600, 0o644)), draw(mostly(0, 1000))
    volume.security_context = draw(st.sampled_from(["", "u:r:mount_loopback_t:s0"]))
    volume.root_context = draw(st.sampled_from(["", "u:r:container_var_lib_t:s0"]))
    kinds = ["btrfs", "btrfs", "btrfs", "xfs", "ext4"]
    if what == "ours":
        volume.type, volume.uuid = draw(st.sampled_from(kinds)), "ours"
        volume.label = draw(st.sampled_from(["", "images", "other"]))
        volume.content = draw(st.sampled_from([DATA, DATA, COPIES, frozenset()]))
    if what == "theirs":
        # A disk without any signature is taken for empty; a file is not.
        kinds += ["ntfs", "several signatures", "partition table (gpt)"]
        kinds += [""] if kind == "file" else []
        volume.type, volume.content = draw(st.sampled_from(kinds)), DATA
        volume.uuid = draw(st.sampled_from(["theirs", ""]))
    if volume.type:
        volume.filesystem_bytes = draw(mostly(size // 4096 * 4096, 4 * G, times=2))
    return volume


def attach(draw: st.DrawFn, host: Host) -> None:
    """Attach and mount the volume in all possible ways: as ours, by hand, elsewhere, in part."""
    volume = host.volume
    if volume is None or not volume.size:
        if draw(mostly(False, True)):
            lost = Volume("file", 8 * G, 8 * G, type="btrfs", uuid="lost", content=DATA)
            host.loops.append(Loop("/dev/loop0", lost, 8 * G))
            host.mounts.append(Mount(POINT, lost))
        return
    used = host.record.get("storage.signature ours") in (USED, "?", None)
    for number in range(draw(mostly(1, 0, 2))) if volume.kind == "file" else ():
        seen = draw(mostly(volume.size // 512 * 512, 4 * G))
        loop = Loop(f"/dev/loop{number}", volume, seen, draw(st.booleans()), draw(st.booleans()))
        loop.read_only = draw(mostly(False, True, times=12))
        host.loops.append(loop)
    if volume.type in FILESYSTEMS and used and (host.loops or volume.kind == "device"):
        times = ["rw", draw(st.sampled_from(["relatime", "noatime"]))]
        options = times + draw(st.sampled_from([[], [], ["discard"]]))
        place = draw(mostly(POINT, "", "/mnt/elsewhere", times=4))
        if place:
            host.mounts.append(Mount(place, volume, options))
            for loop in host.loops[:1]:
                loop.size = max(loop.size, volume.filesystem_bytes)
    if draw(mostly(False, True, times=12)):
        host.mounts.append(Mount(POINT, None))


def unit_files(draw: st.DrawFn, declaration: StorageDeclaration) -> dict[str, FileObserved]:
    source = draw(mostly(declaration.source, "/old.img", times=4))
    kind = draw(st.sampled_from(["btrfs", "xfs", "ext4"]))
    options = draw(st.sampled_from([["loop", "nofail", "nodiscard"], ["nofail"], ["loop", "ro"]]))
    right = {
        mount_unit_path(POINT): render_mount_unit(source, POINT, kind, options),
        DIRECT_IO_PATH: render_direct_io(FILE, POINT),
        DAEMON_GUARD: render_guard(POINT),
        RUNTIME_GUARD: render_guard("/elsewhere"),
    }
    files = {}
    for path, text in right.items():
        seen = draw(st.sampled_from(["right", "absent", "edited"]))
        if seen != "absent":
            edited = "# edited\n" + text if draw(st.booleans()) else text + "# edited\n"
            shown = text if seen == "right" else edited
            files[path] = FileObserved(kind="file", text=shown, mode=draw(mostly(0o644, 0o666)))
    if draw(mostly(False, True, times=20)):
        files[mount_unit_path(POINT) + ".d/x.conf"] = FileObserved(
            kind="file", text="[Mount]\n", mode=0o644
        )
    return files


def fstab(draw: st.DrawFn, host: Host) -> list[FstabLine]:
    volume = host.volume
    here = FILE if volume is not None and volume.kind == "file" else ""
    number = "252:16" if volume is not None and volume.kind == "device" else ""
    source, uuid = host.source, f"UUID={volume.uuid if volume and volume.uuid else 'ours'}"
    lines = [
        FstabLine(
            number=1,
            text=f"{source} {POINT} auto",
            source=source,
            mount_point=POINT,
            type="auto",
            options=(),
            source_number=number,
            source_file=here,
        ),
        FstabLine(
            number=2,
            text=f"{uuid} {POINT}/ btrfs",
            source=uuid,
            mount_point=POINT + "/",
            type="btrfs",
        ),
        FstabLine(
            number=3,
            text="/dev/vda1 / ext4",
            source="/dev/vda1",
            mount_point="/",
            type="ext4",
            options=(),
            source_number="252:1",
        ),
        FstabLine(
            number=4,
            text=f"{source} /mnt auto",
            source=source,
            mount_point="/mnt",
            type="auto",
            options=(),
            source_number=number,
            source_file=here,
        ),
        FstabLine(
            number=5,
            text=f"/dev/vdc {POINT} ext4",
            source="/dev/vdc",
            mount_point=POINT,
            type="ext4",
            options=(),
            source_number="252:32",
        ),
    ]
    wanted = draw(mostly({3}, {1, 3}, {2, 3}, {1, 2, 3}, {4}, {5}, times=12))
    return [line for line in lines if line.number in wanted]


@st.composite
def hosts(draw: st.DrawFn) -> Host:
    declaration = draw(declarations())
    host = Host(declaration)
    if draw(mostly(False, True)):
        host.system = System("Rocky", "9.4")
        host.kernel = ("xfs", "ext4")
    host.kernel = draw(mostly(host.kernel, ("xfs",), (), times=30))
    host.volume = draw(volumes("device" if declaration.device else "file"))
    digest = draw(st.sampled_from([USED, USED, USED, MADE, MADE, "", "?", None]))
    if digest is not None:
        host.record["storage.signature ours"] = digest
    if digest in ("", MADE) and host.volume is not None and host.volume.uuid == "ours":
        # Nobody has used it; it holds what a move has copied, or was copying.
        host.volume.content = draw(st.sampled_from([frozenset(), COPIES]))
        if digest == "" and host.volume.kind == "device":
            host.volume.content = frozenset()
            host.volume.is_whole = draw(st.booleans())
    if draw(mostly(True, False, times=2)) and digest is not None:
        host.record.update({f"storage.file {FILE}": "x", f"storage.mount {POINT}": "x"})
    if draw(mostly(False, True, times=10)):
        host.record[f"storage.direct_io {FILE}"] = REFUSED
    host.trusted = draw(mostly(True, False))
    attach(draw, host)
    host.point_kind = draw(mostly("directory", "absent", "absent", "file", times=12))
    if host.point_kind == "directory" and host.mounted_here() is None:
        host.entries = draw(mostly(frozenset(), OLD, times=2))
    if host.volume is None or host.volume.content == COPIES or digest is None:
        host.set_aside = draw(mostly(None, OLD, times=2))
    host.point_context = draw(st.sampled_from(["", "u:r:container_var_lib_t:s0"]))
    host.fstab = fstab(draw, host)
    host.files = unit_files(draw, declaration)
    host.enabled = set(draw(st.sets(st.sampled_from([UNIT, DIRECT_IO_SERVICE]))))
    host.unread = draw(st.booleans()) and mount_unit_path(POINT) in host.files
    if draw(mostly(False, True)):
        text = draw(st.sampled_from([render_guard(POINT), "[Unit]\n"]))
        host.staged = StagedSet({DAEMON_GUARD: StagedFile(text)})
    host.tools = set(draw(st.sampled_from([TOOLS, set()])))
    host.free = draw(mostly(100 * G, 13 * G, 2 * G, 0, times=8))
    host.selinux = draw(st.booleans())
    host.docker_root = draw(mostly("/var/lib/docker", POINT, POINT + "/engine"))
    host.docker_active = draw(st.booleans())
    host.takes_direct_io = draw(mostly(True, False))
    return calmed(host) if draw(st.booleans()) else host


def calmed(host: Host) -> Host:
    """Remove most of what is refused, so that more is carried out."""
    host.declaration = host.declaration._replace(
        size=12 * G, filesystem="auto", adopt_existing="move", adopt_filesystem=True, recreate=True
    )
    host.system, host.kernel, host.free = (
        System("Debian", "13.1"),
        ("btrfs", "xfs", "ext4"),
        100 * G,
    )
    host.docker_active, host.docker_root = False, "/var/lib/docker"
    host.loops, host.mounts = host.loops[:1], [m for m in host.mounts if m.point == POINT][:1]
    host.fstab = [line for line in host.fstab if line.number in (1, 3)]
    host.files = {path: file for path, file in host.files.items() if not path.endswith("x.conf")}
    for loop in host.loops:
        loop.read_only = False
    if host.point_kind == "file":
        host.point_kind = "absent"
    return host


def kept(host: Host) -> Counter[str]:
    """Count what a person would miss: the contents of others' volumes, folders and files."""
    inside = [host.volume] + [loop.volume for loop in host.loops] + [m.volume for m in host.mounts]
    volumes = {id(each): each for each in inside if each is not None}
    found = Counter(f"old {each}" for each in (host.set_aside or frozenset()) | host.entries)
    for volume in volumes.values():
        found.update(f"{volume.uuid or volume.type} {each}" for each in volume.content)
    return found


def check_plan(host: Host, plan: Plan) -> None:
    """Check (c) and (d) for one plan."""
    volume = host.volume
    if plan.refused:
        assert plan.refused == plan.differences
    resources = [each.resource for each in plan.differences if not each.refusal]
    if "storage.filesystem" in resources and volume is not None and volume.type:
        assert volume.kind == "device"
        assert host.record[f"storage.signature {volume.uuid}"] == ""
    if volume is not None and volume.size > host.declaration.size:
        assert "storage.size" not in resources
    assert len(resources) < 40


def check_kept(before: Host, after: Host) -> None:
    """Check (c) and (e) for what was carried out."""
    if before.declaration.state == "absent":
        return
    if before.volume is not None and before.volume.size:
        assert after.volume is not None
        assert after.volume.size >= before.volume.size
        assert after.volume.filesystem_bytes >= before.volume.filesystem_bytes
    now = kept(after)
    for what, count in kept(before).items():
        name = what.split(" ", 1)[1]
        copied = what.startswith("old ") and any(each.endswith(f"copy of {name}") for each in now)
        remade = "copy of " in what
        assert now[what] >= count or copied or remade, what


def check_end(host: Host) -> None:
    """Check (a) on the host itself: what a person would look at, whatever the plan says."""
    after = host.plan(committed=True)
    assert [(each.resource, each.path, each.sentence) for each in after.differences] == []
    declared, volume, mount = host.declaration, host.volume, host.mounted_here()
    if declared.state == "absent":
        assert mount is None
        assert declared.device or volume is None
        assert not [loop for loop in host.loops if loop.volume is volume]
        assert not [line for line in host.fstab if line.text.startswith(f"{host.source} {POINT}")]
        return
    assert volume is not None
    assert mount is not None
    assert mount.volume is volume
    assert volume.size >= (declared.size if declared.file else 0)
    loops = [loop for loop in host.loops if loop.volume is volume]
    assert len(loops) == (1 if declared.file else 0)
    whole = declared.size if declared.file else volume.size
    assert volume.filesystem_bytes > whole - 4 * 1024**2 - 1
    assert declared.label in ("", volume.label)
    assert ("noatime" in mount.options) == ("noatime" in declared.mount_options)
    assert ("discard" in mount.options) <= ("nodiscard" not in declared.mount_options)
    assert not [line for line in host.fstab if line.mount_point.rstrip("/") == POINT]
    assert UNIT in host.enabled
    assert host.set_aside is None
    assert "AssertPathIsMountPoint" in host.guard()
    for loop in loops:
        assert loop.size >= declared.size
        refused = REFUSED in host.record.values()
        assert loop.direct_io == declared.direct_io or refused
    if declared.file:
        assert (volume.mode, volume.owner) == (0o600, 0)
        assert declared.allocation == "sparse" or volume.allocated >= volume.size
        assert (DIRECT_IO_SERVICE in host.enabled) >= declared.direct_io


@generated
@given(hosts())
def test_one_run_is_enough_and_loses_nothing(host: Host) -> None:
    plan = host.plan()
    check_plan(host, plan)
    if plan.refused:
        return
    before = host.copied()
    host.run(plan)
    check_kept(before, host)
    check_end(host)


def finish_after_every_cut(host: Host) -> None:
    """Check (b): kill a run after each of its deeds in turn, and have the next one finish it."""
    plan = host.plan()
    if plan.refused:
        return
    for deeds in range(1, host.copied().run(plan) + 1):
        killed = host.copied()
        killed.run(plan, deeds)
        again = killed.plan()
        check_plan(killed, again)
        check_kept(host, killed)
        if host.declaration.state == "absent" and not host.declaration.allow_data_removal:
            # Once it is unmounted, nobody knows any more that it was empty.
            continue
        assert [each.refusal for each in again.refused] == [], deeds
        killed.run(again)
        check_kept(host, killed)
        check_end(killed)


@settings(generated, max_examples=150)
@given(hosts())
def test_killed_anywhere_the_next_run_finishes(host: Host) -> None:
    finish_after_every_cut(host)


def by_hand(**declared: Any) -> Host:
    """Give a host as in the notes: losetup, mount and a line of fstab, without a record."""
    volume = Volume("file", 10 * G, 10 * G, 0o644, 0, "btrfs", "theirs", "", 10 * G, DATA)
    host = Host(
        StorageDeclaration(file=FILE, device="", size=10 * G, mount_point=POINT, **declared)
    )
    host.volume, host.mounts = volume, [Mount(POINT, volume)]
    host.loops = [Loop("/dev/loop7", volume, 10 * G, goes_with_mount=False)]
    line = f"{FILE} {POINT} auto loop 0 0"
    host.fstab = [
        FstabLine(
            number=9,
            text=line,
            source=FILE,
            mount_point=POINT,
            type="auto",
            options=("loop",),
            source_number="",
            source_file=FILE,
        )
    ]
    return host


def bare(**declared: Any) -> Host:
    return Host(StorageDeclaration(**{"mount_point": POINT, "size": 10 * G, **declared}))


def on_a_disk(kind: str = "") -> Host:
    host = bare(device=DISK, filesystem="ext4", label="images")
    host.volume = Volume("device", 40 * G, type=kind, uuid="begun" if kind else "")
    host.volume.is_whole = not kind
    host.record = {"storage.signature begun": ""}
    return host


def grown(host: Host) -> Host:
    host.declaration = host.declaration._replace(size=12 * G)
    return host


def holding(host: Host, **record: str) -> Host:
    host.entries = OLD
    host.record = {f"storage.{name} {FILE if name == 'file' else POINT}": "x" for name in record}
    return host


WAYS = {
    "bare": bare(file=FILE),
    "labelled": bare(file=FILE, filesystem="xfs", label="images", mount_options=("noatime",)),
    "move": holding(bare(file=FILE, adopt_existing="move")),
    "move into one made anew": holding(
        bare(file=FILE, adopt_existing="move", recreate=True), file="x", mount="x"
    ),
    "disk": on_a_disk(),
    "half a disk": on_a_disk("ext4"),
    "half a disk of another kind": on_a_disk("btrfs"),
    "by hand": by_hand(),
    "by hand, and grown": grown(by_hand()),
    "by hand, and away": by_hand(state="absent", allow_data_removal=True),
}


@pytest.mark.parametrize("way", WAYS)
def test_killed_on_its_way_the_next_run_finishes(way: str) -> None:
    host = WAYS[way].copied()
    assert not host.plan().refused
    assert host.plan().differences
    finish_after_every_cut(host)
