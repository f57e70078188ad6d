"""What becomes of results that are not what they should be."""

from collections.abc import Callable, Mapping
from hashlib import sha1
from typing import Any

from twisted.internet.defer import Deferred

from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.reports import Idle, Report, Verdict, Waiting
from buildd_manager.ports import IReceiver
from buildd_manager.testing.buildd_plans import Plan
from tests.bad_inputs import Case, cases
from tests.manifests import CONTENT, DEB, good_manifest
from tests.services.outcomes import Affair
from tests.services.scene import Scene


MANIFEST = "x_1_amd64.changes"
GOOD = good_manifest()


class BadResultTests(Scene):
    """Workers that send something else than they should."""

    plan = Plan(seconds=10.0)

    def finish(self, promised: Mapping[str, bytes], sent: Mapping[str, bytes]) -> int:
        """Have a build finish with files, of which a worker sends others."""
        self.setUp()
        builder, build = self.add_builder(), self.submit()
        self.start()
        (cookie,) = self.buildd(builder).begun
        sums = {name: _sha1(content) for name, content in promised.items()}
        there = {sums[name]: content for name, content in sent.items()}

        def status(honest: Callable[[], Deferred[Report]]) -> Any:
            told = honest()
            if isinstance(self.now(told), Idle) or self.buildd(builder).begun[1:]:
                return honest()
            return Waiting(cookie, Verdict.OK, sums)

        def fetch_file(_: object, wanted: str, to: IReceiver, __: int) -> Any:
            return to.write(there[wanted])

        self.network.lies[builder.url, "status"] = status
        self.network.lies[builder.url, "fetch_file"] = fetch_file
        return build

    def check(self, case: Case, build: int) -> None:
        """See that there came of it what was wanted."""
        self.network.lies.clear()
        Affair(self, case, self.builder(), self.detail(build)).check()

    def test_good(self) -> None:
        """What is as it should be is handed over."""
        files = {MANIFEST: GOOD, DEB.name: CONTENT}
        build = self.finish(files, files)
        self.scans(2)
        self.assertIs(self.state(build), BuildState.FULLY_BUILT)

    def test_contents(self) -> None:
        """A file that is not the promised one is fetched twice more, and no more."""
        promised = {MANIFEST: GOOD, DEB.name: CONTENT}
        for case in cases("results/contents"):
            build = self.finish(promised, {**promised, DEB.name: case.bytes_of("sent")})
            self.scans(2)
            (attempt,) = self.detail(build).attempts
            self.assertIsNone(attempt.ended, str(case))
            self.scans()
            self.assertEqual(self.network.calls.count("fetch_file"), 6, str(case))
            self.check(case, build)

    def test_manifests(self) -> None:
        """A build whose list of files is not that of its files has failed."""
        for case in cases("results/manifests"):
            files = {MANIFEST: case.whole("changes"), DEB.name: CONTENT}
            build = self.finish(files, files)
            self.scans()
            self.check(case, build)

    def test_two_manifests(self) -> None:
        """
        So has one with two such lists.

        Bad input R6.
        """
        files = {MANIFEST: GOOD, "y_1_amd64.changes": GOOD, DEB.name: CONTENT}
        build = self.finish(files, files)
        self.scans()
        self.assertIs(self.state(build), BuildState.FAILED_TO_BUILD)
        (attempt,) = self.detail(build).attempts
        self.assertEqual(attempt.outcome, "there is more than one .changes")


def _sha1(content: bytes) -> str:
    return sha1(content, usedforsecurity=False).hexdigest()
