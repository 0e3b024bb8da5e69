"""A set of configuration: its digest, and the order in which its files are installed."""

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.planners.activation.commit import (
    changes_how_it_runs,
    set_digest,
    to_install,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.units.docker_unit import (
    HOSTS_DROP_IN,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.host import (
    Applied,
    FileObserved,
    Observation,
    PackageObserved,
    StagedFile,
    StagedSet,
    System,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.paths import DAEMON_JSON

LIMITS = "/etc/systemd/system/docker.service.d/limits.conf"


def host(version: str = "5:28.5.2", salt: str = "s", **files: FileObserved) -> Observation:
    names = {"daemon_json": DAEMON_JSON, "drop_in": HOSTS_DROP_IN}
    return Observation(
        System("Debian", "13.1"),
        files={names[name]: file for name, file in files.items()},
        packages={"docker-ce": PackageObserved(version)},
        applied=Applied(digests={}, trusted=True, salt=salt),
    )


def staged(text: str | None = "{}\n", mode: int = 0o644, drop_in: str | None = "x") -> StagedSet:
    return StagedSet({DAEMON_JSON: StagedFile(text, mode), HOSTS_DROP_IN: StagedFile(drop_in)})


def test_equal_sets_have_one_name_in_any_order() -> None:
    turned = StagedSet(dict(reversed(staged().files.items())), {"declared": "otherwise"})
    assert set_digest(turned, host()) == set_digest(staged(), host())


def test_another_text_mode_engine_or_host_is_another_set() -> None:
    names = {
        set_digest(staged(), host()),
        set_digest(staged("{ }\n"), host()),
        set_digest(staged(None), host()),
        set_digest(staged(mode=0o600), host()),
        set_digest(staged(), host("5:29.0.1")),
        set_digest(staged(), host(salt="t")),
        set_digest(StagedSet(), host()),
    }
    assert len(names) == 7


def test_a_drop_in_comes_before_daemon_json_and_goes_after_it() -> None:
    assert [path for path, _file in to_install(staged(), host())] == [HOSTS_DROP_IN, DAEMON_JSON]
    there = host(drop_in=FileObserved(kind="file", text="x", mode=0o644))
    gone = to_install(staged(drop_in=None), there)
    assert [path for path, _file in gone] == [DAEMON_JSON, HOSTS_DROP_IN]


def test_what_is_live_already_is_not_installed() -> None:
    live = host(daemon_json=FileObserved(kind="file", text="{}\n", mode=0o644))
    assert [path for path, _file in to_install(staged(drop_in=None), live)] == []
    loose = host(daemon_json=FileObserved(kind="file", text="{}\n", mode=0o666))
    assert [path for path, _file in to_install(staged(drop_in=None), loose)] == [DAEMON_JSON]


@pytest.mark.parametrize(
    ("text", "is_to_blame"),
    [
        ("[Service]\nExecStartPre=/bin/false\n", True),
        ("[Service]\nMemoryMax=1M\n", True),
        ("[Service]\nEnvironment=A=b\nEnvironmentFile=/etc/c\n", False),
        ("# Ours.\n[Unit]\nRequiresMountsFor=/data\n", False),
        (None, False),
    ],
)
def test_a_set_is_to_blame_for_how_it_has_the_daemon_started(
    text: str | None, is_to_blame: bool
) -> None:
    assert changes_how_it_runs(StagedSet({LIMITS: StagedFile(text)}), host()) is is_to_blame


def test_a_set_is_to_blame_for_what_it_takes_away_and_not_for_what_it_leaves() -> None:
    text = "[Service]\nLimitNOFILE=1\n"
    there = host()._replace(files={LIMITS: FileObserved(kind="file", text=text, mode=0o644)})
    assert changes_how_it_runs(StagedSet({LIMITS: StagedFile(None)}), there)
    assert not changes_how_it_runs(StagedSet({LIMITS: StagedFile(text)}), there)
    assert not changes_how_it_runs(StagedSet({DAEMON_JSON: StagedFile("{}")}), there)


def test_a_set_is_not_to_blame_for_the_drop_in_that_takes_flags_away() -> None:
    ours = StagedFile("[Service]\nExecStart=\nExecStart=/usr/bin/dockerd\n")
    assert not changes_how_it_runs(StagedSet({HOSTS_DROP_IN: ours}), host())
