"""docker.service as its files make it, read as systemd does, and the drop-in that takes -H out."""

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.planners.units.docker_unit import (
    HOSTS_DROP_IN,
    DockerUnit,
    flag_is_set,
    host_flags,
    read_unit,
    render_hosts_drop_in,
    without,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.host import (
    FileObserved,
)

VENDOR = "/usr/lib/systemd/system/docker.service"
LIB = "/lib/systemd/system/docker.service"
ADMIN = "/etc/systemd/system/docker.service"
PACKAGED = "/usr/bin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock"


def unit(command: str) -> DockerUnit:
    return read_unit({VENDOR: FileObserved(kind="file", text=f"[Service]\nExecStart={command}\n")})


def of_files(**texts: str) -> DockerUnit:
    places = {
        "vendor": VENDOR,
        "lib": LIB,
        "admin": ADMIN,
        "etc_10": ADMIN + ".d/10-a.conf",
        "etc_20": ADMIN + ".d/20-b.conf",
        "run_10": "/run/systemd/system/docker.service.d/10-a.conf",
        "usr_10": VENDOR + ".d/10-a.conf",
        "usr_15": VENDOR + ".d/15-c.conf",
        "no_conf": ADMIN + ".d/10-a.conf.bak",
    }
    return read_unit(
        {places[name]: FileObserved(kind="file", text=text) for name, text in texts.items()}
    )


def service(*commands: str) -> str:
    return "[Service]\n" + "".join(f"ExecStart={command}\n" for command in commands)


def test_no_files_make_no_unit() -> None:
    assert read_unit({}) == DockerUnit()
    assert read_unit({VENDOR: FileObserved()}) == DockerUnit()


def test_the_package_has_the_last_word_where_nobody_else_has() -> None:
    read = unit(PACKAGED)
    assert read.arguments == tuple(PACKAGED.split())
    assert (read.source, read.overrides, read.files) == (VENDOR, (), (VENDOR,))
    assert of_files(lib=service(PACKAGED)).overrides == ()


@pytest.mark.parametrize("kind", ["link", "file"])
def test_a_mask_is_no_unit_file(kind: str) -> None:
    read = read_unit(
        {ADMIN: FileObserved(kind), VENDOR: FileObserved(kind="file", text=service(PACKAGED))}
    )
    assert (read.source, read.overrides, read.files) == (VENDOR, (), (VENDOR,))


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ('dockerd "--label=a b"', ("dockerd", "--label=a b")),
        ("dockerd '--label=a b'", ("dockerd", "--label=a b")),
        ('dockerd --label="a b"', ("dockerd", "--label=a b")),
        (r'dockerd "--label=a\"b"', ("dockerd", '--label=a"b')),
        (r"dockerd --label=a\\b", ("dockerd", r"--label=a\b")),
        ("dockerd '--label=a\"b'", ("dockerd", '--label=a"b')),
        ('dockerd ""', ("dockerd", "")),
        ("dockerd \t --debug", ("dockerd", "--debug")),
        ("-dockerd --debug", ("dockerd", "--debug")),
        ("+!dockerd", ("dockerd",)),
        ("", ()),
    ],
)
def test_words_are_split_as_systemd_does(command: str, arguments: tuple[str, ...]) -> None:
    assert unit(command).arguments == arguments


@pytest.mark.parametrize(
    "text",
    [
        "[Service]\nExecStart=dockerd \\\n  -H fd:// \\\n  --debug\n",
        "[Service]\nExecStart=dockerd \\\n# a word on it\n  -H fd:// --debug\n",
        "[Service]\n# not this: \\\nExecStart=dockerd -H fd:// --debug\n",
        "[Service]\n; not this: \\\nExecStart=dockerd -H fd:// --debug\n",
        "[Service]\nExecStart=dockerd -H fd:// --debug",
        "[Service]\n  ExecStart = dockerd -H fd:// --debug  \n",
        "[Service]\n#ExecStart=other\nExecStart=dockerd -H fd:// --debug\n;ExecStart=other\n",
        "[Unit]\nExecStart=other\n[Service]\nExecStart=dockerd -H fd:// --debug\n[Install]\n"
        "ExecStart=other\n",
        "[Service]\nExecStart=other\nExecStart=\nExecStart=dockerd -H fd:// --debug\n",
        "[Service]\nExecStart=dockerd -H fd:// --debug\nExecStartPost=other\nExecReload=other\n",
    ],
)
def test_one_command_line_in_many_spellings(text: str) -> None:
    read = of_files(vendor=text)
    assert read.arguments == ("dockerd", "-H", "fd://", "--debug")


def test_a_drop_in_resets_and_replaces_the_command_line() -> None:
    read = of_files(vendor=service(PACKAGED), etc_10=service("", "dockerd --debug"))
    assert read.arguments == ("dockerd", "--debug")
    assert read.source == ADMIN + ".d/10-a.conf"
    assert read.overrides == (ADMIN + ".d/10-a.conf",)
    assert read.files == (VENDOR, ADMIN + ".d/10-a.conf")


def test_a_drop_in_that_only_resets_leaves_none() -> None:
    read = of_files(vendor=service(PACKAGED), etc_10=service(""))
    assert (read.arguments, read.overrides) == ((), (ADMIN + ".d/10-a.conf",))


def test_a_drop_in_without_a_command_line_overrides_nothing() -> None:
    read = of_files(vendor=service(PACKAGED), etc_10="[Service]\nLimitNOFILE=1\n")
    assert read.arguments == tuple(PACKAGED.split())
    assert read.overrides == ()
    assert read.files == (VENDOR, ADMIN + ".d/10-a.conf")


def test_a_unit_in_etc_takes_the_place_of_the_vendor_s() -> None:
    read = of_files(vendor=service(PACKAGED), admin=service("dockerd --debug"))
    assert read.arguments == ("dockerd", "--debug")
    assert (read.overrides, read.files) == ((ADMIN,), (ADMIN,))


def test_drop_ins_of_one_name_hide_each_other_and_etc_comes_first() -> None:
    read = of_files(
        vendor=service(PACKAGED),
        usr_10=service("", "dockerd --usr"),
        run_10=service("", "dockerd --run"),
        etc_10=service("", "dockerd --etc"),
    )
    assert read.arguments == ("dockerd", "--etc")
    assert read.files == (VENDOR, ADMIN + ".d/10-a.conf")
    hidden = of_files(usr_10=service("", "dockerd --usr"), run_10=service("", "dockerd --run"))
    assert hidden.arguments == ("dockerd", "--run")


def test_drop_ins_are_read_by_name_wherever_they_lie() -> None:
    read = of_files(
        vendor=service(PACKAGED),
        etc_10=service("", "dockerd --ten"),
        usr_15=service("", "dockerd --fifteen"),
    )
    assert read.arguments == ("dockerd", "--fifteen")
    last = of_files(usr_15=service("", "dockerd --fifteen"), etc_20=service("", "dockerd --twenty"))
    assert last.arguments == ("dockerd", "--twenty")


def test_what_is_no_conf_is_no_drop_in() -> None:
    read = of_files(vendor=service(PACKAGED), no_conf=service("", "dockerd --debug"))
    assert read.arguments == tuple(PACKAGED.split())


def test_a_drop_in_that_leads_nowhere_masks_one_of_its_name() -> None:
    read = read_unit(
        {
            VENDOR: FileObserved(kind="file", text=service(PACKAGED)),
            VENDOR + ".d/10-a.conf": FileObserved(kind="file", text=service("", "dockerd --debug")),
            ADMIN + ".d/10-a.conf": FileObserved(kind="link", text=""),
        }
    )
    assert read.arguments == tuple(PACKAGED.split())


def test_what_systemd_fills_in_is_not_plain() -> None:
    assert unit(PACKAGED).is_plain
    assert not unit("dockerd $OPTIONS").is_plain
    assert not unit("dockerd --label=%H").is_plain


@pytest.mark.parametrize(
    ("command", "flags"),
    [
        ("dockerd", {}),
        ("dockerd -H fd://", {"hosts": ["fd://"]}),
        ("dockerd -Hfd://", {"hosts": ["fd://"]}),
        ("dockerd -H=fd://", {"hosts": ["fd://"]}),
        ("dockerd --host fd:// --host=tcp://a", {"hosts": ["fd://", "tcp://a"]}),
        ("dockerd --debug --mtu 1400", {"debug": ["true"], "mtu": ["1400"]}),
        ("dockerd --debug=false -D", {"debug": ["false", "true"]}),
        ("dockerd -s overlay2 -l warn", {"storage-driver": ["overlay2"], "log-level": ["warn"]}),
        ("dockerd -g /srv --data-root=/b", {"data-root": ["/srv", "/b"]}),
        ("dockerd -b br0 -G docker -p /run/p", {"bridge": ["br0"], "group": ["docker"]}),
        (
            "dockerd --registry-mirror=https://a --insecure-registry b:5000 --log-opt tag=x",
            {
                "registry-mirrors": ["https://a"],
                "insecure-registries": ["b:5000"],
                "log-opts": ["tag=x"],
            },
        ),
        ("dockerd --add-runtime=a=b --dns 1.1.1.1", {"runtimes": ["a=b"], "dns": ["1.1.1.1"]}),
    ],
)
def test_flags_have_the_names_of_keys(command: str, flags: dict[str, list[str]]) -> None:
    read = unit(command).flags
    assert {key: read.get(key) for key in flags} == flags
    assert set(read) - set(flags) <= {"pidfile"}


def test_a_truth_value_s_last_flag_counts() -> None:
    assert flag_is_set(unit("dockerd --live-restore"), "live-restore")
    assert not flag_is_set(unit("dockerd --live-restore=false"), "live-restore")
    assert not flag_is_set(unit("dockerd --live-restore --live-restore=false"), "live-restore")
    assert not flag_is_set(unit("dockerd"), "live-restore")
    assert host_flags(unit("dockerd -H a -H b")) == ["a", "b"]


@pytest.mark.parametrize(
    ("command", "kept"),
    [
        (PACKAGED, "/usr/bin/dockerd --containerd=/run/containerd/containerd.sock"),
        ("dockerd -H fd:// -H tcp://0.0.0.0:2376 --tls", "dockerd --tls"),
        ("dockerd -Hfd:// --debug", "dockerd --debug"),
        ("dockerd -H=fd:// --debug", "dockerd --debug"),
        ("dockerd --host fd:// --host=tcp://a --debug", "dockerd --debug"),
        ('dockerd "-H" "fd://" --label "a b"', 'dockerd --label "a b"'),
        ("dockerd --hostname-like=x -H fd://", "dockerd --hostname-like=x"),
        ("dockerd --host-gateway-ip=10.0.0.1 -H fd://", "dockerd --host-gateway-ip=10.0.0.1"),
        ("dockerd --log-opt 'tag=a b' -H fd:// $OPTIONS", "dockerd --log-opt 'tag=a b' $OPTIONS"),
        ("dockerd --debug -H fd:// -l warn -s overlay2", "dockerd --debug -l warn -s overlay2"),
    ],
)
def test_the_drop_in_takes_every_host_away_and_nothing_else(command: str, kept: str) -> None:
    text = render_hosts_drop_in(unit(command))
    assert text.startswith("# Written by Dockwright (role docker_daemon)")
    assert text.endswith(f"\n[Service]\nExecStart=\nExecStart={kept}\n")
    files = {
        VENDOR: FileObserved(kind="file", text=service(command)),
        HOSTS_DROP_IN: FileObserved(kind="file", text=text),
    }
    after, before = read_unit(files).flags, read_unit(without(files, HOSTS_DROP_IN)).flags
    assert after == {key: values for key, values in before.items() if key != "hosts"}


def test_a_drop_in_of_its_own_takes_the_place_of_every_service_s() -> None:
    places = ("/etc/systemd/system/service.d/a.conf", VENDOR + ".d/a.conf")
    files = {
        place: FileObserved(kind="file", text=service("", f"dockerd --label {place}"))
        for place in places
    }
    assert read_unit(files).files == (VENDOR + ".d/a.conf",)
    every = "/usr/lib/systemd/system/service.d/b.conf"
    files[every] = FileObserved(kind="file", text="[Service]\nEnvironment=A=b\n")
    assert read_unit(files).files == (VENDOR + ".d/a.conf", every)
