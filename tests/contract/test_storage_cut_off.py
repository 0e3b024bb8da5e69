"""A run of docker_storage is killed at each step: the next run finishes it and loses nothing.

Every deed of the real module is a step, found by Python's own audit events on the host. The hosts
share the steps. Ansible runs each module once and leaves it on the hosts with its arguments; from
there it is run again for every step.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.contract.storage import SIZE, converge, declare, each
from tests.lab import Json, Lab

HOOK = Path(__file__).with_name("storage_cut_off.py")
PLACE = "/root/cut_off"
# A folder whose contents are to move; it is a volume, since no overlay takes all that a layer has.
POINT = "/var/lib/containerd/moved"
ABOVE = "/var/lib/containerd"
SETS: Mapping[str, Json] = {
    "create": {},
    "small": {"size": "512M"},
    "grow": {"size": "640M"},
    "move": {"mount_point": POINT, "adopt_existing": "move"},
}
KEEP = f"mv /root/.ansible/tmp/*/AnsiballZ_loop_filesystem.py {PLACE}/%s; rm -r /root/.ansible/tmp"
# Bring a host back to before all of this, whatever state it is in.
BARE = f"""
for point in /run/dockwright/moving {POINT} /data0/cut/docker; do
    while umount $point 2> /dev/null; do :; done
done
systemctl --quiet disable data0-cut-docker.mount var-lib-containerd-moved.mount \\
    dockwright-direct-io.service 2> /dev/null || true
cd /etc/systemd/system; rm -f data0-cut-docker.mount var-lib-containerd-moved.mount \\
    dockwright-direct-io.service; systemctl daemon-reload
rm -rf /data0 /var/lib/dockwright {ABOVE}/* /run/dockwright
"""
# Run a module, say how it ended, and keep what it said.
WORDS = f"""
run() {{ status=0
  PYTHONPATH={PLACE} CUT_OFF_AT=$2 /usr/bin/python3 {PLACE}/$1 > /root/said 2>&1 || status=$?; }}
must() {{ run $1 0; test $status = 0 || {{ cat /root/said; exit 1; }}; }}
"""
CONTENT = """
mkdir -p {0}/deep; head -c 2000000 /dev/urandom > {0}/big; echo one > {0}/deep/one
ln {0}/deep/one {0}/two; sync -f {0}
"""
SUMS = "cd {0} && find . -type f -links +0 -exec sha256sum {{}} + | sort"
# After the second run: what a third one says, and what is there.
TOLD = """
run {0} 0
echo "status $status"
python3 -c "import json; said = json.load(open('/root/said'))
print('left', sorted({{each['resource'] for each in said['differences']}} - {{'storage.guard'}}))"
echo "mounted $(findmnt -n -o TARGET {1} | wc -l) $(grep -c ' {1} ' /proc/self/mountinfo)"
echo "moving $(grep -c /run/dockwright/moving /proc/self/mountinfo)"
echo "partial" $(find {2} /etc /var/lib/dockwright -xdev -name '.*dockwright-*')
echo "files" $(find {2} -mindepth 1 -maxdepth 1 -printf "%f\\n" | sort)
echo "enabled" $(systemctl is-enabled $(systemd-escape -p --suffix=mount {1}) 2>&1)
stat -c 'size %s, %b blocks' /data0/cut/volume
"""
KILLED = 137


@pytest.fixture(scope="module")
def hosts(lab: Lab) -> Iterator[Lab]:
    """Hosts with the hook that kills and the modules of each set."""
    lab = lab.distinct()
    lab.reset()
    hook = f"mkdir -p {PLACE}; cat > {PLACE}/sitecustomize.py <<'END'\n{HOOK.read_text()}\nEND"
    lab.everywhere(dict.fromkeys(lab.hosts, f"rm -rf /root/.ansible/tmp; {hook}"))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("ANSIBLE_KEEP_REMOTE_FILES", "1")
        for name, more in SETS.items():
            # A module that is sent through a pipe leaves no file.
            unpiped = {"ansible_pipelining": False}
            converge(lab, {host: {**declare("cut", host, **more), **unpiped} for host in lab.hosts})
            bare = BARE if name != "small" else ""
            lab.everywhere(dict.fromkeys(lab.hosts, KEEP % name + bare))
    yield lab


def count(lab: Lab, name: str, prepare: str) -> dict[str, list[str]]:
    """Count the steps of a run that is not killed."""
    script = f"{BARE}{WORDS}{prepare}rm -f /root/deeds; must {name}; cat /root/deeds"
    return {
        host: printed.splitlines()
        for host, printed in each(lab, dict.fromkeys(lab.hosts, script)).items()
    }


def shared(lab: Lab, steps: Mapping[str, list[int]]) -> Iterator[dict[str, int]]:
    """Divide the steps among the hosts; each host counts its own, from the first to the last."""
    many = len(lab.hosts)
    most = max(len(numbers) for numbers in steps.values())
    for first in range(0, most, many):
        at = {}
        for index, host in enumerate(lab.hosts):
            place = first + (index + first // many) % many
            if place < len(steps[host]):
                at[host] = steps[host][place]
        if at:
            yield at


def cut(
    lab: Lab, name: str, prepare: str, at: Mapping[str, int], after: str
) -> dict[str, dict[str, str]]:
    """Kill a run at each host's step and run it again; give what a third run and a look tell.

    ``after`` is run when the second run is over.
    """
    point = POINT if name == "move" else "/data0/cut/docker"
    places = f"/data0/cut {ABOVE}" if name == "move" else "/data0/cut"
    told = TOLD.format(name, point, places)
    scripts = {
        host: f"{BARE}{WORDS}{prepare}run {name} {step}; echo cut $status; must {name}\n"
        f"{after}{told}"
        for host, step in at.items()
    }
    found = {}
    for host, printed in each(lab, scripts).items():
        lines = (line.partition(" ") for line in printed.splitlines())
        found[host] = {word: rest.strip() for word, _blank, rest in lines}
    return found


def require_finished(host: str, step: str, told: Mapping[str, str], size: int, files: str) -> None:
    """Require that the first run was killed, the second finished, and the third had no step."""
    where = (host, step, told)
    assert told["cut"] == str(KILLED), where
    assert told["status"] == "0", where
    assert told["left"] == "[]", where
    assert told["mounted"] == "1 1", where
    assert told["moving"] == "0", where
    assert told["partial"] == "", where
    assert told["files"].split() == files.split(), where
    assert told["enabled"] == "enabled", where
    bytes_of, blocks = told["size"].split(", ")
    assert int(bytes_of) == size, where
    assert int(blocks.split()[0]) * 512 >= size, where


def mebibytes(text: str) -> int:
    return int(text.removesuffix("M")) * 1024**2


def test_creation_cut_off_at_any_step_is_finished_by_the_next_run(hosts: Lab) -> None:
    deeds = count(hosts, "create", "")
    assert all("fallocate" in " ".join(own) for own in deeds.values())
    numbers = {host: list(range(1, len(own) + 1)) for host, own in deeds.items()}
    assert all(len(own) >= 18 for own in numbers.values()), deeds
    for at in shared(hosts, numbers):
        for host, told in cut(hosts, "create", "", at, "").items():
            step = deeds[host][at[host] - 1]
            require_finished(host, step, told, mebibytes(SIZE[host]), "docker volume")


def test_growth_cut_off_at_any_step_is_finished_with_the_content_and_the_mount_intact(
    hosts: Lab,
) -> None:
    point = "/data0/cut/docker"
    mount = f"grep ' {point} ' /proc/self/mountinfo"
    prepare = (
        f"must small\n{CONTENT.format(point)}"
        f"({SUMS.format(point)}) > /root/sums; {mount} > /root/mount\n"
    )
    after = (
        f"({SUMS.format(point)}) | cmp - /root/sums; {mount} | cmp - /root/mount\n"
        f"echo room $(df -B1 --output=size {point} | tail -1)\n"
    )
    deeds = count(hosts, "grow", prepare)
    for own in deeds.values():
        for word in ("fallocate", "--set-capacity"):
            assert word in " ".join(own), own
    numbers = {host: list(range(1, len(own) + 1)) for host, own in deeds.items()}
    for at in shared(hosts, numbers):
        for host, told in cut(hosts, "grow", prepare, at, after).items():
            step = deeds[host][at[host] - 1]
            require_finished(host, step, told, mebibytes("640M"), "docker volume")
            assert int(told["room"]) > mebibytes("570M"), (host, step, told)


def test_a_move_cut_off_at_any_step_is_finished_with_all_of_the_content(hosts: Lab) -> None:
    prepare = f"{CONTENT.format(POINT)}({SUMS.format(POINT)}) > /root/sums\n"
    after = f"({SUMS.format(POINT)}) | cmp - /root/sums; test {POINT}/two -ef {POINT}/deep/one\n"
    deeds = count(hosts, "move", prepare)
    # What comes before the move, and after what was set aside is gone, is as in a creation.
    numbers = {}
    for host, own in deeds.items():
        moving = [number for number, deed in enumerate(own, 1) if "moving" in deed]
        removed = [number for number, deed in enumerate(own, 1) if "os.rmdir" in deed]
        numbers[host] = list(range(moving[0], removed[-1] + 1))
    for at in shared(hosts, numbers):
        for host, told in cut(hosts, "move", prepare, at, after).items():
            step = deeds[host][at[host] - 1]
            require_finished(host, step, told, mebibytes(SIZE[host]), "moved volume")
