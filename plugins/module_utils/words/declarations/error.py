# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The error for a declaration without meaning."""


class DeclarationError(Exception):
    """A declared value has no meaning; the message names it, what is wanted and what to do."""
