# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the pages of all modules that install packages say of a proxy."""


class ModuleDocFragment:
    """The option that they share."""

    DOCUMENTATION = r"""
options:
  proxy:
    description:
      - The proxy that packages come through, as the role docker_proxy declares it; none where its
        C(packages) is false.
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
"""
