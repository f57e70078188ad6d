"""Where things are unless somebody says otherwise."""

import os
from pathlib import Path


def state_directory() -> Path:
    """
    Name the state directory of a manager that was told none.

    It is also where the command line looks for the manager.
    """
    if named := os.environ.get("BUILDD_MANAGER_STATE"):
        return Path(named)
    if os.geteuid() == 0:
        return Path("/var/lib/buildd-manager")
    home = Path.home() / ".local" / "state"
    return Path(os.environ.get("XDG_STATE_HOME") or home) / "buildd-manager"
