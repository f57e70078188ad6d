"""A genuine launchpad-buildd for a whole run of tests, and how to plan its jobs."""

import atexit
import json
import shutil
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from buildd_manager.domain.reports import Verdict
from buildd_manager.testing.buildd_plans import Plan
from lab.worker import GenuineWorker, canned_worker


#: What apt says of packages that are not there; the place is for one of them.
LACKS = (
    "The following packages have unmet dependencies:",
    " hello : Depends: {} but it is not installable",
    "Fail-Stage: install-deps",
)

#: What apt says when it may well have worked a minute later.
UNLUCKY = "E: There are problems and -y was used without --force-yes"


@cache
def genuine_worker() -> GenuineWorker:
    """Start this process's launchpad-buildd, the first time."""
    root = Path(tempfile.mkdtemp(prefix="buildd-manager-worker-"))
    atexit.register(shutil.rmtree, root)
    worker = canned_worker(root)
    worker.start()
    atexit.register(worker.stop)
    return worker


def stages(plan: Plan) -> dict[str, str]:
    """Tell the stand-ins of the bench how a job comes to what ``plan`` says."""
    told = dict(_STAGES.get(plan.verdict, {}))
    sbuild = {**_SBUILD.get(plan.verdict, {}), "sleep": plan.seconds}
    if plan.verdict is Verdict.DEPFAIL:
        sbuild["lines"] = [line.format(plan.dependencies) for line in LACKS]
    sbuild.setdefault("lines", ["compiles"])
    if plan.dying:
        told["scan_for_processes"] = f"sleep {plan.dying}"
    return {"sbuild_package": json.dumps(sbuild), **told}


_STAGES: Mapping[Verdict | None, Mapping[str, str]] = {
    Verdict.CHROOTFAIL: {"mount_chroot": "exit 1"},
    Verdict.BUILDERFAIL: {"builder_prep": "exit 1"},
}

_SBUILD: Mapping[Verdict | None, Mapping[str, object]] = {
    None: {"signal": "SIGKILL"},
    Verdict.PACKAGEFAIL: {"exit": 1},
    Verdict.DEPFAIL: {"exit": 3},
    Verdict.GIVENBACK: {"exit": 3, "lines": [UNLUCKY]},
}
