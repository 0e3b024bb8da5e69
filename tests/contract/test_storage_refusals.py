"""Every obstacle to the filesystem under data-root is refused, and not one byte changes.

Each scene is set on one host, so a run of Ansible has as many of them as there are hosts.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.contract.storage import LOOK, Ended, apply, declare, each, install_tools, look
from tests.contract.storage_scenes import SCENES, Scene
from tests.lab import Lab

BARE = "bare"


@dataclass(frozen=True)
class Refused:
    """What a run said of a scene, and the state of the host before and after."""

    host: str
    ended: Ended
    before: str
    after: str


@pytest.fixture(scope="module")
def bare(lab: Lab) -> Lab:
    """Hosts without any of the tools."""
    lab.reset()
    return lab


def test_on_a_bare_host_check_mode_tells_every_step_in_words_and_changes_nothing(
    bare: Lab,
) -> None:
    variables = {host: declare(BARE, host) for host in bare.hosts}
    before = look(bare, bare.hosts)
    ended = apply(bare, variables, "--check", "--diff")
    assert look(bare, bare.hosts) == before
    for host, told in ended.items():
        assert told.changed, host
        place = f"/data0/{BARE}"
        for sentence in (
            "install ",
            f"create {place}/volume: ",
            f" in {place}/volume",
            f"write the mount unit of {place}/docker",
            "keep direct I/O on after every mount",
            f"mount {place}/volume on {place}/docker",
            "keep docker.service from starting without its filesystem",
        ):
            assert any(sentence in each for each in told.sentences), (host, sentence)
        assert all(f"({sentence})\n" in told.output for sentence in told.sentences), host


@pytest.fixture(scope="module")
def refused(bare: Lab) -> Iterator[dict[str, Refused]]:
    """Give every scene on a host that it can be set on, refused or not."""
    install_tools(bare)
    found: dict[str, Refused] = {}
    waiting = [scene for scene in SCENES.values() if scene.fits(bare.hosts)]
    while waiting:
        chosen: dict[str, Scene] = {}
        for host in bare.hosts:
            scene = next((each for each in waiting if each.fits([host])), None)
            if scene is not None:
                chosen[host] = scene
                waiting.remove(scene)
        found.update(play(bare, chosen))
    yield found


def play(lab: Lab, chosen: dict[str, Scene]) -> dict[str, Refused]:
    """Set the scenes, run the role once on all hosts, and clear them away."""
    begin = {host: scene.begin() + LOOK for host, scene in chosen.items()}
    end = {host: f"{LOOK}\n{scene.end()}" for host, scene in chosen.items()}
    before = each(lab, begin)
    ended = apply(lab, {host: scene.declared(host) for host, scene in chosen.items()})
    after = each(lab, end)
    return {
        scene.name: Refused(host, ended[host], before[host], after[host])
        for host, scene in chosen.items()
    }


@pytest.mark.parametrize("name", SCENES)
def test_it_is_refused_by_name_and_not_one_byte_changes(
    name: str, refused: dict[str, Refused]
) -> None:
    if name not in refused:
        pytest.skip(f"the lab runs without {', '.join(SCENES[name].hosts)}")
    one = refused[name]
    assert one.ended.failed, f"{one.host}: it was not refused"
    for words in SCENES[name].says:
        assert words in one.ended.words, one.host
    assert one.after == one.before, one.host


def test_no_loop_device_of_the_scenes_is_left(bare: Lab, refused: dict[str, Refused]) -> None:
    assert refused
    for host, seen in look(bare, bare.hosts).items():
        assert "/data0/" not in seen, host
