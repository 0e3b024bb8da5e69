#!/usr/bin/python
# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Look at a host once and say what differs from what is declared."""

DOCUMENTATION = r"""
module: docker_plan
short_description: Say what on a host differs from what is declared
version_added: 0.1.0
description:
  - Looks at a host once, read-only, and plans all roles. Of the declarations only an upgrade needs
    the network.
  - It never changes the host. In check mode it reports C(changed) where something differs, with
    the differences as its diff, since it is then the answer and no role follows.
  - A host that must not be touched - an unsupported system, a step that needs consent - fails here,
    before anything on it changes, and the message says what was found and what to do.
author:
  - Dockwright contributors (@dockwright)
attributes:
  check_mode:
    description: Changes nothing in any mode.
    support: full
  diff_mode:
    description: Shows each difference between the host and what is declared.
    support: full
options:
  roles:
    description:
      - The roles to plan. With fewer than all, RV(partial) says so.
    type: list
    elements: str
    choices:
      - docker_kernel
      - docker_proxy
      - docker_group
      - docker_storage
      - docker_engine
      - docker_daemon
      - docker_activation
    default:
      - docker_kernel
      - docker_proxy
      - docker_group
      - docker_storage
      - docker_engine
      - docker_daemon
      - docker_activation
  docker_kernel:
    description: What is declared of the role docker_kernel, in the words of its own module.
    type: dict
    default: {}
    suboptions:
      modules:
        description:
          - Modules to load now and at every boot, beyond overlay, the filesystem of docker_storage,
            and br_netfilter where a sysctl below net.bridge is declared.
        type: list
        elements: str
        default: []
      ip_forward:
        description:
          - Has the kernel forward packets between networks, C(net.ipv4.ip_forward), where Docker
            runs; dockerd switches it on. Without it nothing is declared of that.
        type: bool
        default: true
      sem:
        description:
          - The limits of semaphores that the kernel has at least, C(kernel.sem), in the order
            SEMMSL SEMMNS SEMOPM SEMMNI. What is higher stays. Empty declares nothing.
        type: str
        default: "250 32000 100 1024"
      sysctl:
        description:
          - Other sysctls by name, such as net.core.somaxconn, with exact values.
        type: dict
        default: {}
      swap_accounting:
        description:
          - Whether the kernel is booted with C(cgroup_enable=memory swapaccount=1). V(auto) adds
            them where it cannot account for swap without them.
        type: str
        choices:
          - auto
          - present
          - absent
        default: auto
      reboot:
        description:
          - V(never) reports that a reboot is needed; V(if_required) reboots the host, waits for it,
            and for Docker where that starts with the host.
        type: str
        choices:
          - never
          - if_required
        default: never
  docker_proxy:
    description: What is declared of the role docker_proxy.
    type: dict
    default: {}
    suboptions:
      http:
        description:
          - The proxy for http, as a whole address such as http://proxy.example.com:3128 or
            socks5://proxy.example.com:1080.
        type: str
        default: ""
      https:
        description:
          - The proxy for https, which registries are.
        type: str
        default: ""
      all:
        description:
          - The proxy for both where the two above say nothing. dockerd has no all_proxy since
            20.10, so it is written as HTTP_PROXY and HTTPS_PROXY.
        type: str
        default: ""
      no_proxy:
        description:
          - What is reached without the proxy, by host name, domain, address or network.
        type: list
        elements: str
        default: []
      no_proxy_local:
        description:
          - Adds what no proxy should stand before - loopback, 100.100.100.200 (the metadata service
            of Alibaba Cloud), and the hosts of docker_daemon_registry_mirrors.
        type: bool
        default: false
      packages:
        description:
          - Has apt or dnf go by the same proxy while the engine is installed.
        type: bool
        default: false
  docker_group:
    description: What is declared of the role docker_group, in the words of its own module.
    type: dict
    default: {}
    suboptions:
      members:
        description:
          - Users, by exact name, who may use Docker without sudo, which makes them root.
        type: list
        elements: str
        default: []
      exclusive:
        description:
          - Takes members out that are not declared. Without it they are reported.
        type: bool
        default: false
      gid:
        description:
          - The GID of the group, made before the packages would make it with another. 0 leaves it
            to the system.
        type: int
        default: 0
      ignore_missing_users:
        description:
          - Passes over members that do not exist on this host.
        type: bool
        default: false
  docker_storage:
    description: What is declared of the role docker_storage, in the words of loop_filesystem.
    type: dict
    default: {}
    suboptions:
      file:
        description:
          - The backing file that carries the filesystem, by an absolute path without links. With
            neither it nor O(docker_storage.device), nothing is managed.
        type: str
        default: ""
      device:
        description:
          - The disk or partition that carries the filesystem, by a name that stays, such as
            /dev/disk/by-id/virtio-d-1.
        type: str
        default: ""
      size:
        description:
          - The size of the backing file, in powers of 1024 (10G, 512M) or of 1000 (10GB). It only
            ever grows, in use.
        type: str
        default: 10G
      filesystem:
        description:
          - The filesystem. V(auto) is what is there already, or else btrfs on Ubuntu and Debian and
            xfs elsewhere.
        type: str
        choices:
          - auto
          - btrfs
          - xfs
          - ext4
        default: auto
      mount_point:
        description:
          - Where it is mounted. It is, or carries, Docker's data-root.
        type: str
        default: /var/lib/docker
      mount_options:
        description:
          - Options of mount(8) beyond those it takes, such as noatime. They are changed by a
            remount, in use.
        type: list
        elements: str
        default: []
      label:
        description:
          - The filesystem's label. Empty leaves it as it is.
        type: str
        default: ""
      allocation:
        description:
          - V(full) has every byte of the backing file allocated, and nothing discarded; V(sparse)
            lets it fill, and writes fail when the host's filesystem is full.
        type: str
        choices:
          - full
          - sparse
        default: full
      direct_io:
        description:
          - Has the loop device read and write past the host's cache, after every boot as well; best
            effort.
        type: bool
        default: true
      file_owner:
        description:
          - The backing file's owner, by name or number.
        type: str
        default: root
      file_group:
        description:
          - The backing file's group, by name or number.
        type: str
        default: root
      file_mode:
        description:
          - The backing file's mode, in quotes.
        type: str
        default: "0600"
      host_reserve:
        description:
          - What must stay free on the filesystem that the backing file lies on. Empty is 1 GiB or
            five per cent of it, the larger.
        type: str
        default: ""
      state:
        description:
          - V(mounted), or V(absent), which unmounts it and deletes the backing file; what is on a
            device stays on it.
        type: str
        choices:
          - mounted
          - absent
        default: mounted
      adopt_existing:
        description:
          - What becomes of the contents of a mount point that is not empty. V(refuse), or V(move),
            which moves them into the new filesystem while Docker is stopped.
        type: str
        choices:
          - refuse
          - move
        default: refuse
      adopt_filesystem:
        description:
          - Consents to using, with what is in it, a filesystem that somebody else has made.
        type: bool
        default: false
      recreate:
        description:
          - Consents to an empty filesystem in the place of one that was here and is gone.
        type: bool
        default: false
      allow_data_removal:
        description:
          - Consents to deleting, with V(absent), a filesystem that has data in it.
        type: bool
        default: false
      lock_timeout:
        description:
          - How many seconds to wait for a locked package manager.
        type: int
        default: 120
  docker_engine:
    description: What is declared of the role docker_engine, in the words of its own module.
    type: dict
    default: {}
    suboptions:
      repo_urls:
        description: Base addresses of package sites laid out like https://download.docker.com.
        type: list
        elements: str
        default:
          - https://download.docker.com
          - https://mirrors.aliyun.com/docker-ce
      repo_key:
        description: The armoured signing key itself. Empty fetches it from the site.
        type: str
        default: ""
      repo_key_fingerprint:
        description: Fingerprint of the one primary key that is believed; empty means Docker's own.
        type: str
        default: ""
      channel:
        description: The channel of the site.
        type: str
        choices: [stable, test]
        default: stable
      version:
        description: V(present), a full version, or the beginning of one.
        type: str
        default: present
      upgrade:
        description: Takes the newest version under the declared one; the sites are then asked.
        type: bool
        default: false
      allow_downgrade:
        description: Consents to an older major version than the installed one.
        type: bool
        default: false
      allow_podman_removal:
        description: Consents to a transaction that takes podman away.
        type: bool
        default: false
      lock_timeout:
        description: How many seconds to wait for a locked package manager.
        type: int
        default: 120
  docker_daemon:
    description: What is declared of the role docker_daemon, in the words of docker_daemon_config.
    type: dict
    default: {}
    suboptions:
      config:
        description:
          - What is merged into daemon.json, under dockerd's own keys.
        type: dict
        default: {}
      defaults:
        description:
          - Adds what a person would expect where C(config) says nothing - the log driver json-file
            with C(max-size) 50m and C(max-file) 5, and C(live-restore) unless in a swarm.
        type: bool
        default: true
      registry_mirrors:
        description:
          - Mirrors of Docker Hub, in order; short for C(registry-mirrors).
        type: list
        elements: str
        default: []
      address_pools:
        description:
          - Where Docker takes its networks from; short for C(default-address-pools).
        type: list
        elements: dict
        default: []
        suboptions:
          base:
            description: A network, such as 10.200.0.0/16.
            type: str
            required: true
          size:
            description: The prefix length of the networks that are cut from it.
            type: int
            required: true
      bip:
        description:
          - The address of the bridge docker0 with its prefix, such as 192.168.200.1/24.
        type: str
        default: ""
      reserved_networks:
        description:
          - Networks in use that no route of the host shows, such as the whole of a VPC.
        type: list
        elements: str
        default: []
      exclusive:
        description:
          - Takes every key out of daemon.json that is not declared.
        type: bool
        default: false
      hosts_drop_in:
        description:
          - Where C(config) says C(hosts), has a drop-in take C(-H) out of the command line of
            docker.service, and keep every other flag. The daemon does not start with both.
        type: bool
        default: false
      allow_network_overlap:
        description:
          - Consents to networks that overlap those of the host or C(reserved_networks), or hold
            an address that the host reaches.
        type: bool
        default: false
      allow_data_left_behind:
        description:
          - Consents to another data-root, storage driver, image store or engine that would not see
            the images, containers or volumes of the present one, which stay where they are.
        type: bool
        default: false
  docker_activation:
    description: What is declared of the role docker_activation, in the words of its own module.
    type: dict
    default: {}
    suboptions:
      allow_container_stop:
        description: Consents to a restart of the daemon that stops running containers.
        type: bool
        default: false
      retry:
        description:
          - Tries a set of configuration again that was tried before and taken back.
        type: bool
        default: false
      accepted_drop_ins:
        description:
          - Files of others, by path, that may give docker.service another command line. Without it
            such a file is refused, since it has the last word on what the daemon does.
        type: list
        elements: str
        default: []
      start_timeout:
        description:
          - How many seconds to wait for a unit that starts, stops or waits for its turn, where it
            has no time-out of its own.
        type: int
        default: 600
      health_timeout:
        description:
          - How many seconds the daemon may take to become well once it is up.
        type: int
        default: 60
      stable_seconds:
        description:
          - For how many seconds it must then stay up before a commit counts.
        type: int
        default: 3
      run_timeout:
        description:
          - How many seconds to wait for another run of Dockwright on the same host to end.
        type: int
        default: 300
"""

EXAMPLES = r"""
- name: Say what differs
  dockwright.host.docker_plan:
    docker_engine:
      version: 28.5.2
  register: plan

- name: Fail on drift
  ansible.builtin.assert:
    that: plan.verdict == 'clean'
"""

RETURN = r"""
verdict:
  description: V(clean), V(drifted) or V(failed).
  returned: always
  type: str
  sample: clean
run_at_work:
  description: Which other run of Dockwright was changing the host meanwhile; empty where none was.
  returned: always
  type: str
  sample: ""
activates:
  description:
    - Whether a run of these roles ends with the activation. It does not where Docker is not
      installed, and none of them installs it.
  returned: always
  type: bool
  sample: true
partial:
  description: Whether some role was left out of the plan.
  returned: always
  type: bool
  sample: false
told:
  description:
    - The plan as a person reads it, a line each - the totals, what is refused, what a run changes
      and what that disturbs, what no run mends, and warnings. Empty where nothing differs.
  returned: always
  type: list
  elements: str
  sample: []
differences:
  description: What is not as declared, in the plan's words.
  returned: always
  type: list
  elements: dict
  contains:
    resource:
      description: Stable id of the kind of thing that differs.
      type: str
    role:
      description: The role that mends it.
      type: str
    path:
      description: What differs of it - a file, a package, a unit.
      type: str
    expected:
      description: What is declared.
      type: str
    actual:
      description: What was found; empty where nothing was.
      type: str
    cause:
      description:
        - V(drift) if the host changed, V(pending) if the declaration did, V(unknown) where
          nothing was applied before.
      type: str
    impact:
      description: What the cure disturbs - V(none), V(reload), V(restart), V(reboot) or V(data).
      type: str
    sensitive:
      description: Whether the values are withheld.
      type: bool
    sentence:
      description: The difference as a person would say it.
      type: str
    refusal:
      description: Why it is not acted on, what to do, and the variable that consents, if one does.
      type: dict
    only_reported:
      description: Whether every look tells it and no run mends it; the sentence says what would.
      type: bool
  sample: []
unverifiable:
  description: What could not be judged, each with the reason; the verdict is then V(failed).
  returned: always
  type: list
  elements: dict
  sample: []
notes:
  description: What is no difference and may be worth knowing, such as the keys others have set.
  returned: always
  type: list
  elements: str
  sample: []
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.appliers.daemon.daemon import declared_secrets
from ..module_utils.doors import activation_runs, declare, look, put_off, show_no_secret, tell
from ..module_utils.words.declarations.group import GROUP_ARGUMENTS, declare_group
from ..module_utils.words.declarations.host import (
    ACTIVATION_ARGUMENTS,
    DAEMON_ARGUMENTS,
    ENGINE_ARGUMENTS,
    ROLES,
    Declaration,
    by_proxy,
    declare_activation,
    declare_daemon,
    declare_engine,
    on_storage,
)
from ..module_utils.words.declarations.kernel import KERNEL_ARGUMENTS, declare_kernel
from ..module_utils.words.declarations.proxy import PROXY_ARGUMENTS, declare_proxy, secrets_of
from ..module_utils.words.declarations.storage import STORAGE_ARGUMENTS, declare_storage


def main():
    """Plan a host."""
    module = AnsibleModule(
        argument_spec={
            "roles": {
                "type": "list",
                "elements": "str",
                "choices": list(ROLES),
                "default": list(ROLES),
            },
            "docker_kernel": _part(KERNEL_ARGUMENTS),
            "docker_proxy": dict(_part(PROXY_ARGUMENTS), no_log=True),
            "docker_group": _part(GROUP_ARGUMENTS),
            "docker_storage": _part(STORAGE_ARGUMENTS),
            "docker_engine": _part(ENGINE_ARGUMENTS),
            # The log would hold the whole of it, its secrets included.
            "docker_daemon": dict(_part(DAEMON_ARGUMENTS), no_log=True),
            "docker_activation": _part(ACTIVATION_ARGUMENTS),
        },
        supports_check_mode=True,
    )
    given = module.params["docker_daemon"]
    mirrors = {"registry-mirrors": given["registry_mirrors"]}
    secrets = declared_secrets([given["config"], mirrors])
    show_no_secret(module, secrets + secrets_of(module.params["docker_proxy"]))
    declaration = declare(module, _declaration)
    roles = tuple(role for role in ROLES if role in module.params["roles"])
    observed, plan = look(module, declaration, roles)
    beside = {
        "activates": activation_runs(declaration, observed, roles),
        "partial": roles != ROLES,
        "run_at_work": observed.run_at_work,
    }
    if observed.run_at_work and not module.check_mode:
        # The roles wait for it, and judge then what it may be in the middle of now.
        put_off(module, plan, **beside)
    tell(module, plan, **beside)


def _declaration(given):
    storage = declare_storage(given["docker_storage"])
    followed = storage.filesystem if storage.is_mounted else ""
    daemon = declare_daemon(given["docker_daemon"])
    beside = {
        "storage_filesystem": followed,
        "daemon_config": daemon.config,
        "daemon_exclusive": daemon.exclusive,
    }
    mirrors = daemon.config.get("registry-mirrors") or []
    proxy = declare_proxy(dict(given["docker_proxy"], registry_mirrors=mirrors))
    return Declaration(
        by_proxy(declare_engine(given["docker_engine"]), proxy),
        on_storage(daemon, storage),
        declare_activation(dict(given["docker_activation"], whole_run=True)),
        storage,
        declare_kernel(dict(given["docker_kernel"], **beside)),
        proxy,
        declare_group(given["docker_group"]),
    )


def _part(arguments):
    return {"type": "dict", "default": {}, "apply_defaults": True, "options": arguments}


if __name__ == "__main__":
    main()
