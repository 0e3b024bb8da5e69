"""What nearly every run of ansible-playbook imports; imported once, by what its runs are forks of."""

import ansible.cli.playbook
import ansible.plugins.action.debug
import ansible.plugins.action.normal
import ansible.plugins.become.sudo
import ansible.plugins.cache.memory
import ansible.plugins.callback.default
import ansible.plugins.connection.ssh
import ansible.plugins.filter.core
import ansible.plugins.filter.mathstuff
import ansible.plugins.inventory.yaml
import ansible.plugins.shell.sh
import ansible.plugins.strategy.linear
import ansible.plugins.test.core  # noqa: F401 - all of them for their import alone
