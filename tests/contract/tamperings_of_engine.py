"""Tamperings with what docker_engine and docker_activation keep: packages, sites, and services."""

from tests.contract.tampering import Tampering
from tests.lab import Lab

DEB_REPOSITORY = "/etc/apt/sources.list.d/docker.sources"
RPM_REPOSITORY = "/etc/yum.repos.d/docker-ce.repo"
DEB_KEY = "/etc/apt/keyrings/docker.asc"
RPM_KEY = "/etc/pki/rpm-gpg/RPM-GPG-KEY-docker-ce"
KEEP_REPOSITORY = "cp -a {repository} /root/kept; "
KEEP_KEY = "cp -a {key} /root/kept; "
# systemd's limit of starts counts those of other rows too.
FORGET_STARTS = "systemctl reset-failed docker.service"
DOCKERD = "/usr/bin/dockerd"
# Somebody puts this in a program's place, to start the program with one more argument.
WRAPPER = (
    f"mv {DOCKERD} {DOCKERD}.real; "
    f"printf '#!/bin/sh\\nexec {DOCKERD}.real \"$@\"\\n' > {DOCKERD}; chmod 755 {DOCKERD}"
)
NO_WRAPPER = f"mv {DOCKERD}.real {DOCKERD}"
REPOSITORY = ("engine.repository_file", "{repository}")
KEY = ("engine.repository_key", "{key}")

ENGINE_ROWS = (
    Tampering(
        "repository names another site",
        KEEP_REPOSITORY + "sed -i 's,//packages,//elsewhere,' {repository}",
        "mv /root/kept {repository}",
        (REPOSITORY,),
    ),
    Tampering(
        "repository is believed without signature",
        KEEP_REPOSITORY + "sed -i 's/gpgcheck=1/gpgcheck=0/; $a Trusted: yes' {repository}",
        "mv /root/kept {repository}",
        (REPOSITORY,),
    ),
    Tampering(
        "repository file is for anybody to write",
        "chmod 666 {repository}",
        "chmod 644 {repository}",
        (REPOSITORY,),
    ),
    Tampering(
        "repository file is gone",
        "mv {repository} /root/kept",
        "mv /root/kept {repository}",
        (REPOSITORY,),
    ),
    Tampering(
        "key is another",
        KEEP_KEY + "{fetch} {wrong_key} > {key}",
        "mv /root/kept {key}",
        (KEY,),
    ),
    Tampering(
        "key has company",
        KEEP_KEY + "{fetch} {wrong_key} >> {key}",
        "mv /root/kept {key}",
        (KEY,),
    ),
    Tampering(
        "a package is gone",
        "{remove} docker-compose-plugin",
        "{install} docker-compose-plugin; {hold_again}",
        (("engine.package", "docker-compose-plugin"),),
    ),
    Tampering(
        "a package is gone, and somebody keeps the package manager from it",
        "{remove} docker-buildx-plugin; {keep_away}",
        "{keep_away_no_more}; {install} docker-buildx-plugin; {hold_plugin_again}",
        (("engine.package", "docker-buildx-plugin"),),
        refused="docker-buildx-plugin is wanted, and ",
    ),
    Tampering(
        "the client has another version than the daemon",
        "{change} {older_client}",
        "{change} {client}; {hold_client}",
        (("engine.package", "docker-ce-cli"),),
    ),
    Tampering(
        "a hold was lifted",
        "{unhold}",
        "{hold}",
        (("engine.hold", "docker-ce"),),
    ),
    Tampering(
        "the plugin that holds is off",
        "sed -i 's/^enabled.*/enabled = 0/' /etc/dnf/plugins/versionlock.conf",
        "sed -i 's/^enabled.*/enabled = 1/' /etc/dnf/plugins/versionlock.conf",
        (("engine.hold", "/etc/dnf/plugins/versionlock.conf"),),
        rpm_only=True,
    ),
    Tampering(
        "the plugin that holds is gone",
        "rpm -e python3-dnf-plugin-versionlock",
        "dnf -y -q install python3-dnf-plugin-versionlock; "
        "mv /etc/dnf/plugins/versionlock.list.rpmsave /etc/dnf/plugins/versionlock.list",
        # Its list goes with it, and so does every hold.
        (
            ("engine.prerequisite", "python3-dnf-plugin-versionlock"),
            ("engine.hold", "docker-ce"),
            ("engine.hold", "docker-ce-cli"),
            ("engine.hold", "containerd.io"),
            ("engine.hold", "docker-buildx-plugin"),
            ("engine.hold", "docker-compose-plugin"),
            ("engine.hold", "docker-ce-rootless-extras"),
        ),
        rpm_only=True,
    ),
    Tampering(
        "somebody has added the repository again",
        "echo '{entry}' | tr ';' '\\n' > {entry_file}",
        "rm {entry_file}",
        (("engine.repository_entry", "{entry_file}"),),
    ),
    Tampering(
        "an old package came back",
        "{update}{install} {old}",
        "{remove} {old}",
        (("engine.old_package", "{old}"),),
    ),
    Tampering(
        "a foreign repository is preferred",
        "{prefer}",
        "{prefer_no_more}",
        (("engine.repository_priority", "{foreign}"),),
        refused="which the package manager prefers to the listed sites",
    ),
    Tampering(
        "daemon is stopped",
        "systemctl stop docker.socket docker.service",
        f"{FORGET_STARTS}; systemctl start docker.service",
        (("service.running", "docker.service"),),
    ),
    Tampering(
        "daemon does not start with the host",
        "systemctl disable -q docker.service",
        "systemctl enable -q docker.service",
        (("service.enabled", "docker.service"),),
    ),
    Tampering(
        "containerd is stopped",
        "systemctl stop containerd.service",
        f"{FORGET_STARTS}; systemctl start containerd.service; systemctl restart docker.service",
        (("service.running", "containerd.service"),),
    ),
    Tampering(
        "daemon is masked by somebody",
        "systemctl mask -q docker.service",
        "systemctl unmask -q docker.service",
        (("service.masked", "docker.service"),),
        refused="systemctl unmask docker.service",
    ),
    Tampering(
        "an old daemon runs under a new file",
        "cp -a /usr/bin/dockerd /usr/bin/dockerd.new; mv /usr/bin/dockerd.new /usr/bin/dockerd",
        f"{FORGET_STARTS}; systemctl restart docker.service",
        (("service.binary", "docker.service"),),
    ),
    Tampering(
        "a wrapper has taken the place of dockerd under the running daemon",
        WRAPPER,
        NO_WRAPPER,
        (("service.program", DOCKERD),),
        refused=f"{DOCKERD} is not the file that docker-ce installed. docker.service runs "
        f"{DOCKERD}.real.",
    ),
    Tampering(
        "the daemon runs from a wrapper in the place of dockerd",
        f"{WRAPPER}; {FORGET_STARTS}; systemctl restart docker.service",
        f"{NO_WRAPPER}; {FORGET_STARTS}; systemctl restart docker.service",
        (("service.program", DOCKERD),),
        refused=f"{DOCKERD} is not the file that docker-ce installed",
    ),
    Tampering(
        "a copy has taken the place of dockerd under the running daemon",
        f"mv {DOCKERD} {DOCKERD}.old; cp -a {DOCKERD}.old {DOCKERD}",
        f"mv {DOCKERD}.old {DOCKERD}",
        (("service.binary", "docker.service"),),
    ),
    Tampering(
        "anybody may write to dockerd",
        f"chmod 777 {DOCKERD}",
        f"chmod 755 {DOCKERD}",
        (("access.path", DOCKERD),),
    ),
    Tampering(
        "containerd is a script that ends at once, under the running one",
        "mv /usr/bin/containerd /usr/bin/c.old; printf '#!/bin/sh\\n' > /usr/bin/containerd; "
        "chmod 755 /usr/bin/containerd",
        "mv /usr/bin/c.old /usr/bin/containerd",
        (("service.program", "/usr/bin/containerd"),),
        refused="/usr/bin/containerd is not the file that containerd.io installed",
    ),
    Tampering(
        "an old containerd runs under a new file",
        "cp -a /usr/bin/containerd /usr/bin/c.new; mv /usr/bin/c.new /usr/bin/containerd",
        f"{FORGET_STARTS}; systemctl restart containerd.service docker.service",
        (("service.binary", "containerd.service"),),
    ),
)


def words(lab: Lab, host: str) -> dict[str, str]:
    """Give what the table's words stand for on a host."""
    rpm = host == "centos9"
    distribution = {"debian13": "debian", "ubuntu2404": "ubuntu", "centos9": "centos"}[host]
    read = "import sys,urllib.request as u;print(u.urlopen(sys.argv[1]).read().decode())"
    sites = lab.variables(host)["lab_sites"]
    older, newest = lab.variables(host)["lab_engines"][1:]
    family = {"debian": "trixie", "ubuntu": "noble", "centos": "el9"}[distribution]
    between = "-" if rpm else "="
    known = {
        "older_client": f"docker-ce-cli{between}{older['packages'][family]['docker-ce-cli']}",
        "client": f"docker-ce-cli{between}{newest['packages'][family]['docker-ce-cli']}",
        "wrong_key": f"{sites['wrong_key']}/linux/{distribution}/gpg",
        "fetch": f"python3 -c '{read}'",
    }
    own = rpm_words(sites) if rpm else deb_words(sites, distribution)
    return {**known, **own}


def deb_words(sites: dict[str, str], distribution: str) -> dict[str, str]:
    """Give the words of a host with apt."""
    suite = {"debian": "trixie", "ubuntu": "noble"}[distribution]
    return {
        "repository": DEB_REPOSITORY,
        "key": DEB_KEY,
        "update": "apt-get update -q; ",
        "remove": "dpkg -r",
        "install": "apt-get install -y -q --no-install-recommends",
        "change": "apt-get install -y -q --allow-downgrades --allow-change-held-packages",
        "hold_client": "apt-mark hold docker-ce-cli",
        "hold": "apt-mark hold docker-ce",
        "unhold": "apt-mark unhold docker-ce",
        "hold_again": "apt-mark hold docker-compose-plugin",
        "hold_plugin_again": "apt-mark hold docker-buildx-plugin",
        "keep_away": "printf 'Package: docker-buildx-plugin\\nPin: release *\\n"
        "Pin-Priority: -1\\n' "
        "> /etc/apt/preferences.d/away",
        "keep_away_no_more": "rm /etc/apt/preferences.d/away",
        "old": "docker-doc",
        "entry_file": "/etc/apt/sources.list.d/docker-ce.list",
        "entry": f"deb {sites['good']}/linux/{distribution} {suite} stable",
        "foreign": "file:/mnt/foreign",
        "prefer": "mkdir /mnt/foreign; printf 'Package: docker-ce\\nVersion: 99\\n"
        "Architecture: all\\nFilename: ./none.deb\\nSize: 1\\n' > /mnt/foreign/Packages; "
        "echo 'deb [trusted=yes] file:/mnt/foreign ./' > /etc/apt/sources.list.d/foreign.list; "
        "printf 'Package: *\\nPin: origin \"\"\\nPin-Priority: 900\\n' "
        "> /etc/apt/preferences.d/foreign",
        "prefer_no_more": "rm -r /mnt/foreign /etc/apt/sources.list.d/foreign.list "
        "/etc/apt/preferences.d/foreign",
    }


def rpm_words(sites: dict[str, str]) -> dict[str, str]:
    """Give the words of a host with dnf."""
    locks = "/etc/dnf/plugins/versionlock.list"
    foreign = f"{sites['wrong_key']}/linux/centos/9/x86_64/stable"
    return {
        "repository": RPM_REPOSITORY,
        "key": RPM_KEY,
        "update": "",
        "remove": "rpm -e",
        "install": "dnf -y -q install",
        "change": "dnf -y -q --disableplugin=versionlock install",
        "hold_client": "true",
        "hold": f"mv /root/kept {locks}",
        "unhold": f"cp -a {locks} /root/kept; sed -i '/^docker-ce-3:/d' {locks}",
        "hold_again": "true",
        "hold_plugin_again": "true",
        "keep_away": "cp -a /etc/dnf/dnf.conf /root/kept; "
        "echo 'excludepkgs=docker-buildx*' >> /etc/dnf/dnf.conf",
        "keep_away_no_more": "mv /root/kept /etc/dnf/dnf.conf",
        "old": "docker-common",
        "entry_file": "/etc/yum.repos.d/docker.repo",
        "entry": f"[docker];name=Docker;baseurl={sites['good']}/linux/centos/9/x86_64/stable",
        "foreign": "foreign",
        "prefer": f"printf '[foreign]\\nname=x\\nbaseurl={foreign}\\npriority=1\\ngpgcheck=0\\n' "
        "> /etc/yum.repos.d/foreign.repo",
        "prefer_no_more": "rm /etc/yum.repos.d/foreign.repo",
    }
