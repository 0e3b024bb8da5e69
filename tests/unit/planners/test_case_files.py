"""A key that nobody reads is refused wherever in a case or a host it stands."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.planners import case_files
from tests.unit.planners.json_shapes import BadFile

# Objects whose keys are names, paths or addresses; all that is below the others is free, too.
FREE = (
    "access.environment_files",
    "access.manager_environment",
    "access.paths",
    "answers",
    "applied.activation.unit_files",
    "applied.digests",
    "carriers",
    "containerd.images",
    "containerd.images.*",
    "data_root.container_drivers",
    "data_root.images",
    "files",
    "group.same_gid",
    "group.users",
    "kernel.sysctls",
    "left_drivers",
    "listening.kinds",
    "named_files",
    "packages",
    "programs",
    "roots_to_be",
    "roots_to_be.*.contents.images",
    "roots_to_be.*.remapped[].images",
    "shims",
    "staged",
    "stages",
    "transaction.begun",
    "transaction.unfinished",
    "unknown_owners",
    "unobserved",
    "units",
)
ALL_FREE = (
    "applied.activation.document",
    "applied.declared",
    "daemon.settings",
    "docker_daemon.config",
    "docker_kernel.sysctl",
)
# What no unknown key may hide in: an object of each kind, by where it stands.
Place = tuple[Any, ...]
STRAY = "no_such_key"
# Cases in one folder; more want a subfolder.
LONGEST = 150


def objects(said: Any, place: Place = (), kind: str = "") -> Iterator[tuple[str, Place]]:
    """Name each object that has keys of its own, by its kind, and say where it stands."""
    if kind in ALL_FREE:
        return
    if isinstance(said, dict):
        if kind not in FREE:
            yield kind, place
        for key, each in said.items():
            name = "*" if kind in FREE else key
            yield from objects(each, (*place, key), f"{kind}.{name}" if kind else name)
    elif isinstance(said, list):
        for number, each in enumerate(said):
            yield from objects(each, (*place, number), f"{kind}[]")


def kinds() -> dict[str, tuple[str, Place]]:
    """Give a file and a place in it for each kind of object in any case or host."""
    found: dict[str, tuple[str, Place]] = {}
    for folder in ("cases", "hosts"):
        for path in sorted((case_files.FOLDER / folder).rglob("*.json")):
            file = path.relative_to(case_files.FOLDER).with_suffix("").as_posix()
            said = json.loads(path.read_text())
            parts = {"": said} if folder == "cases" else {"host": said}
            if folder == "cases":
                parts["observed"] = said.pop("observed", {})
            for part, values in parts.items():
                for kind, place in objects(values):
                    within = ("observed", *place) if part == "observed" else place
                    found.setdefault(f"{part}:{kind}", (file, within))
    return found


KINDS = kinds()


def written(folder: Path, file: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a folder with this one file stand for ours."""
    path = folder / f"{file}.json"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    monkeypatch.setattr(case_files, "FOLDER", folder)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_key_that_nobody_reads_is_refused(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, place = KINDS[kind]
    said = json.loads((case_files.FOLDER / f"{file}.json").read_text())
    parent = said
    for step in place:
        parent = parent[step]
    parent[STRAY] = 1
    written(tmp_path, file, json.dumps(said), monkeypatch)
    folder, _, name = file.partition("/")
    read = case_files.read_case_file if folder == "cases" else case_files.read_host_file.__wrapped__
    with pytest.raises(BadFile, match=f"^{file}\\.json: .*{STRAY}.* It may have: [a-z_]+"):
        read(name)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            '{"observed": {"files": {"/a": {"knid": "file"}}}}',
            "observed.files./a has the key knid, which nobody reads. Is it kind?",
        ),
        (
            '{"observed": {"storage": {"loops": [{"devise": "/dev/loop0"}]}}}',
            "observed.storage.loops[0] has the key devise, which nobody reads. Is it device?",
        ),
        ('{"docker_deamon": {}}', "Is it docker_daemon?"),
        ('{"roles": ["docker_deamon"]}', "Is it docker_daemon?"),
        ('{"plan": [{"pth": "/a"}]}', "plan[0] has the key pth, which nobody reads. Is it path?"),
        ('{"what": "a", "what": "b"}', "what is there twice"),
        ('{"what": "a"', "Expecting"),
    ],
)
def test_a_file_that_is_misspelt_is_told(
    text: str, complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, "cases/some/case", text, monkeypatch)
    with pytest.raises(BadFile, match=r"^cases/some/case\.json: ") as raised:
        case_files.read_case_file("some/case")
    assert complaint in str(raised.value)


def test_no_folder_of_cases_is_too_long_to_read() -> None:
    folders = Counter(name.rpartition("/")[0] for name in case_files.case_names())
    assert "" not in folders, "a case stands in the folder of its concern"
    assert max(folders.values()) <= LONGEST, folders.most_common(1)
