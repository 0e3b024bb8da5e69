"""Package transactions cut in half: another's is refused with its cure, ours is finished.

In both cases no daemon starts before its configuration is there.
"""

import re

from tests.lab import ENGINE_ALONE, Lab

HALF = (
    "cd /root; apt-get download -q docker-compose-plugin; "
    "dpkg --unpack docker-compose-plugin_*.deb; dpkg-query -W -f='${db:Status-Status}' "
    "docker-compose-plugin"
)
# dpkg tells a program of each step (dpkg(1), --status-logger); the program kills it and apt there.
KILLED_BY_THE_LOGGER = """\
dpkg -r docker-ce
cat > /root/logger <<'END'
#!/bin/sh
while read -r line; do
    case "$line" in "status: docker-ce: {state}")
        rm /etc/dpkg/dpkg.cfg.d/logger
        for process in $(pidof apt-get) $(pidof dpkg); do kill -9 $process; done ;;
    esac
done
END
chmod 755 /root/logger
echo status-logger=/root/logger > /etc/dpkg/dpkg.cfg.d/logger
"""
# A scriptlet of rpm's calls systemctl, and its first call kills dnf.
KILLED_BY_A_SCRIPTLET = """\
rpm -e docker-ce docker-ce-rootless-extras
mv /usr/bin/systemctl /usr/bin/systemctl.real
cat > /usr/bin/systemctl <<'END'
#!/bin/sh
[ "$(cat /proc/$PPID/comm)" = sh ] || exec /usr/bin/systemctl.real "$@"
mv /usr/bin/systemctl.real /usr/bin/systemctl
kill -9 $(ps -o ppid= -p $PPID) $PPID
END
chmod 755 /usr/bin/systemctl
"""
ARMED = {
    "debian13": KILLED_BY_THE_LOGGER.format(state="half-installed"),
    "ubuntu2404": KILLED_BY_THE_LOGGER.format(state="half-configured"),
    "centos9": KILLED_BY_A_SCRIPTLET,
}
STATE = "cat /var/lib/dockwright/transaction.json; systemctl is-active docker.service || true"
CUT_OFF = {
    "debian13": "dpkg-query -W -f='${db:Status-Eflag} ${db:Status-Status}' docker-ce",
    "ubuntu2404": "dpkg-query -W -f='${db:Status-Eflag} ${db:Status-Status}' docker-ce",
    "centos9": "rpm -q --qf '%{NAME}' docker-ce",
}
STATES = {
    "debian13": "reinstreq half-installed",
    "ubuntu2404": "ok half-configured",
    "centos9": "docker-ce",
}
# How often it was started, and whether its configuration was there then.
STARTS = (
    "systemctl show -P NRestarts docker.service; "
    "journalctl -q -u docker.service | grep -c 'Starting docker.service'; "
    "test /etc/docker/daemon.json -ot /proc/$(pidof dockerd) && echo after"
)


def test_another_is_refused_and_ours_is_finished(lab: Lab) -> None:
    lab.reset_with_engine()
    hosts = [host for host in lab.hosts if host != "centos9"]
    if hosts:
        for host, state in lab.everywhere(dict.fromkeys(hosts, HALF)).items():
            assert state.endswith("unpacked"), host
        ran = lab.playbook("site.yml", *ENGINE_ALONE, "--limit", ":".join(hosts))
        assert ran.returncode == 2, ran.stdout
        assert ran.stdout.count("dpkg has docker-compose-plugin as unpacked.") >= len(hosts)
        remedies = set(re.findall(r"Run `(.*?)` as root", ran.stdout))
        assert remedies == {"dpkg --configure docker-compose-plugin"}
        lab.everywhere(dict.fromkeys(hosts, remedies.pop()))
    lab.everywhere({host: ARMED[host] for host in lab.hosts})
    ran = lab.playbook("site.yml", "--tags", "docker_engine,docker_daemon")
    assert ran.returncode == 2, ran.stdout
    for host, told in lab.everywhere({host: CUT_OFF[host] for host in lab.hosts}).items():
        assert told == STATES[host], ran.stdout
    for host, told in lab.each(STATE).items():
        assert '"docker-ce"' in told, host
        assert told.endswith("inactive"), host
    mended = lab.playbook("site.yml", "--tags", "docker_engine,docker_daemon")
    assert mended.returncode == 0, mended.stdout
    for host, told in lab.each(STARTS).items():
        assert told.split() == ["0", "1", "after"], host
    for host, left in lab.each("ls /var/lib/dockwright").items():
        assert "transaction.json" not in left, host
