# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# Made by `make generate` from roles/*/meta/argument_specs.yml: edit those.
"""The variables of each role, in the words of AnsibleModule's ``argument_spec``."""

from typing import Any, Dict

VARIABLES: Dict[str, Dict[str, Dict[str, Any]]] = {
    "docker_kernel": {
        "docker_kernel_modules": {"type": "list", "elements": "str", "default": []},
        "docker_kernel_ip_forward": {"type": "bool", "default": True},
        "docker_kernel_sem": {"type": "str", "default": "250 32000 100 1024"},
        "docker_kernel_sysctl": {"type": "dict", "default": {}},
        "docker_kernel_swap_accounting": {
            "type": "str",
            "default": "auto",
            "choices": ["auto", "present", "absent"],
        },
        "docker_kernel_reboot": {
            "type": "str",
            "default": "never",
            "choices": ["never", "if_required"],
        },
        "docker_kernel_reboot_timeout": {"type": "int", "default": 600},
    },
    "docker_proxy": {
        "docker_proxy_http": {"type": "str", "default": "", "no_log": True},
        "docker_proxy_https": {"type": "str", "default": "", "no_log": True},
        "docker_proxy_all": {"type": "str", "default": "", "no_log": True},
        "docker_proxy_no_proxy": {"type": "list", "elements": "str", "default": []},
        "docker_proxy_no_proxy_local": {"type": "bool", "default": False},
        "docker_proxy_packages": {"type": "bool", "default": False},
    },
    "docker_group": {
        "docker_group_members": {"type": "list", "elements": "str", "default": []},
        "docker_group_exclusive": {"type": "bool", "default": False},
        "docker_group_gid": {"type": "int", "default": 0},
        "docker_group_ignore_missing_users": {"type": "bool", "default": False},
    },
    "docker_storage": {
        "docker_storage_file": {"type": "str", "default": ""},
        "docker_storage_device": {"type": "str", "default": ""},
        "docker_storage_size": {"type": "str", "default": "10G"},
        "docker_storage_filesystem": {
            "type": "str",
            "default": "auto",
            "choices": ["auto", "btrfs", "xfs", "ext4"],
        },
        "docker_storage_mount_point": {"type": "str", "default": "/var/lib/docker"},
        "docker_storage_mount_options": {"type": "list", "elements": "str", "default": []},
        "docker_storage_label": {"type": "str", "default": ""},
        "docker_storage_allocation": {
            "type": "str",
            "default": "full",
            "choices": ["full", "sparse"],
        },
        "docker_storage_direct_io": {"type": "bool", "default": True},
        "docker_storage_file_owner": {"type": "str", "default": "root"},
        "docker_storage_file_group": {"type": "str", "default": "root"},
        "docker_storage_file_mode": {"type": "str", "default": "0600"},
        "docker_storage_host_reserve": {"type": "str", "default": ""},
        "docker_storage_state": {
            "type": "str",
            "default": "mounted",
            "choices": ["mounted", "absent"],
        },
        "docker_storage_adopt_existing": {
            "type": "str",
            "default": "refuse",
            "choices": ["refuse", "move"],
        },
        "docker_storage_adopt_filesystem": {"type": "bool", "default": False},
        "docker_storage_recreate": {"type": "bool", "default": False},
        "docker_storage_allow_data_removal": {"type": "bool", "default": False},
        "docker_storage_lock_timeout": {"type": "int", "default": 120},
    },
    "docker_engine": {
        "docker_engine_repo_urls": {
            "type": "list",
            "elements": "str",
            "default": ["https://download.docker.com", "https://mirrors.aliyun.com/docker-ce"],
        },
        "docker_engine_repo_key": {"type": "str", "default": "", "no_log": False},
        "docker_engine_repo_key_fingerprint": {"type": "str", "default": "", "no_log": False},
        "docker_engine_channel": {
            "type": "str",
            "default": "stable",
            "choices": ["stable", "test"],
        },
        "docker_engine_version": {"type": "str", "default": "present"},
        "docker_engine_upgrade": {"type": "bool", "default": False},
        "docker_engine_allow_downgrade": {"type": "bool", "default": False},
        "docker_engine_allow_podman_removal": {"type": "bool", "default": False},
        "docker_engine_lock_timeout": {"type": "int", "default": 120},
    },
    "docker_daemon": {
        "docker_daemon_config": {"type": "dict", "default": {}, "no_log": True},
        "docker_daemon_defaults": {"type": "bool", "default": True},
        "docker_daemon_registry_mirrors": {"type": "list", "elements": "str", "default": []},
        "docker_daemon_address_pools": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "base": {"type": "str", "required": True},
                "size": {"type": "int", "required": True},
            },
        },
        "docker_daemon_bip": {"type": "str", "default": ""},
        "docker_daemon_reserved_networks": {"type": "list", "elements": "str", "default": []},
        "docker_daemon_exclusive": {"type": "bool", "default": False},
        "docker_daemon_hosts_drop_in": {"type": "bool", "default": False},
        "docker_daemon_allow_network_overlap": {"type": "bool", "default": False},
        "docker_daemon_allow_data_left_behind": {"type": "bool", "default": False},
    },
    "docker_activation": {
        "docker_activation_allow_container_stop": {"type": "bool", "default": False},
        "docker_activation_retry": {"type": "bool", "default": False},
        "docker_activation_accepted_drop_ins": {"type": "list", "elements": "str", "default": []},
        "docker_activation_start_timeout": {"type": "int", "default": 600},
        "docker_activation_health_timeout": {"type": "int", "default": 60},
        "docker_activation_stable_seconds": {"type": "int", "default": 3},
        "docker_activation_run_timeout": {"type": "int", "default": 300},
        "docker_activation_deferred": {"type": "bool", "default": False},
    },
    "docker_plan": {
        "docker_plan_roles": {
            "type": "list",
            "elements": "str",
            "default": [
                "docker_kernel",
                "docker_proxy",
                "docker_group",
                "docker_storage",
                "docker_engine",
                "docker_daemon",
                "docker_activation",
            ],
            "choices": [
                "docker_kernel",
                "docker_proxy",
                "docker_group",
                "docker_storage",
                "docker_engine",
                "docker_daemon",
                "docker_activation",
            ],
        }
    },
}
