"""How long a reboot is waited for, by systemctl's words for docker.service."""

import os
import subprocess
from pathlib import Path

import pytest
import yaml

TASKS = Path(__file__).parents[3] / "roles" / "docker_kernel" / "tasks" / "main.yml"
# A systemctl whose words a test chooses, with the statuses of systemctl(1).
SYSTEMCTL = """\
#!/bin/sh
case $1 in
  is-enabled) test "$ENABLED" = yes ;;
  is-failed) test "$STATE" = failed ;;
  is-active) test "$2" = --quiet || echo "$STATE"; test "$STATE" = active ;;
  list-jobs) test -z "$MUTE" || exit 1; test -z "$JOB" || echo "$JOB" ;;
  *) exit 64 ;;
esac
"""
WAITS = "118 docker.service start waiting"
RUNS = "118 docker.service start running"


@pytest.mark.parametrize(
    ("state", "job", "is_over"),
    [
        ("active", "", True),
        ("failed", "", True),
        ("activating", RUNS, False),
        # Restart= starts it again after a while, without a job until then.
        ("activating", "", False),
        ("deactivating", "", False),
        ("inactive", WAITS, False),
        # A unit that it needs has failed, or its own assertion: nothing will start it.
        ("inactive", "", True),
    ],
)
def test_docker_is_waited_for_while_it_starts(
    tmp_path: Path, state: str, job: str, is_over: bool
) -> None:
    assert run(tmp_path, ENABLED="yes", STATE=state, JOB=job) is is_over


def test_a_docker_that_does_not_start_with_the_host_is_not_waited_for(tmp_path: Path) -> None:
    assert run(tmp_path, ENABLED="no", STATE="inactive", JOB=WAITS)


def test_a_systemd_that_does_not_answer_is_waited_for(tmp_path: Path) -> None:
    assert not run(tmp_path, ENABLED="yes", STATE="inactive", JOB="", MUTE="1")


def run(folder: Path, **says: str) -> bool:
    """Run the role's test as Ansible does, in a shell."""
    program = folder / "systemctl"
    program.write_text(SYSTEMCTL)
    program.chmod(0o755)
    (command,) = (
        task["ansible.builtin.reboot"]["test_command"]
        for task in yaml.safe_load(TASKS.read_text())
        if "ansible.builtin.reboot" in task
    )
    environment = {**os.environ, **says, "PATH": f"{folder}:{os.environ['PATH']}"}
    return subprocess.run(["/bin/sh", "-c", command], env=environment, check=False).returncode == 0
