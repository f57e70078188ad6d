"""What a worker is told about a job."""

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.domain.archives import Archive, Purpose
from buildd_manager.domain.components import COMPONENTS
from buildd_manager.domain.jobs import Job, instructions
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.secrets import Secret
from buildd_manager.domain.sources_list import Line, Need, lines
from buildd_manager.testing.strategies import JOB


PRIMARY = Archive(
    id=1, name="debian", purpose=Purpose.PRIMARY, distribution="debian", url="http://p"
)
PPA = evolve(PRIMARY, id=2, name="ppa", purpose=Purpose.PPA, url="http://ppa")


def job_for(archive: Archive, pocket: Pocket, component: str = "main") -> Job:
    """Describe a job that gets its packages from what there is for it."""
    need = Need(
        archive=archive,
        primary=PRIMARY,
        series="s",
        pocket=pocket,
        component=component,
        components=COMPONENTS,
    )
    found = lines(need, lambda _archive, published: published is Pocket.RELEASE)
    return evolve(JOB, archive_lines=found)


class InstructionTests(SynchronousTestCase):
    """The arguments of a build."""

    def test_needed(self) -> None:
        """The words without which a worker wedges are always there."""
        told = instructions(JOB, "build 1")
        self.assertLessEqual({"series", "suite", "ogrecomponent"}, told.keys())
        self.assertEqual(JOB.title, "amd64 build of hello 1")

    def test_fast_cleanup(self) -> None:
        """A machine that is made anew anyway need not clean up. Case 88."""
        for virtualized in (False, True):
            told = instructions(JOB, "", fast_cleanup=virtualized)
            self.assertIs(told["fast_cleanup"], virtualized)

    def test_for_all(self) -> None:
        """Whether what is for all architectures is built is passed on. Case 92."""
        for arch_indep in (False, True):
            told = instructions(evolve(JOB, arch_indep=arch_indep), "")
            self.assertIs(told["arch_indep"], arch_indep)

    def test_keys(self) -> None:
        """Keys that are to be trusted are sent, if there are any. Case 92."""
        self.assertNotIn("trusted_keys", instructions(JOB, ""))
        told = instructions(evolve(JOB, trusted_keys=("a2V5",)), "")
        self.assertEqual(told["trusted_keys"], ["a2V5"])

    def test_archive(self) -> None:
        """What is said of its archive and its resources is passed on."""
        job = evolve(
            JOB, purpose="PPA", private=True, debug_symbols=True, resources=("gpu",)
        )
        told = instructions(job, "")
        self.assertEqual(told["archive_purpose"], "PPA")
        self.assertIs(told["archive_private"], True)
        self.assertIs(told["build_debug_symbols"], True)
        self.assertEqual(told["builder_constraints"], ["gpu"])


class ArchiveLineTests(SynchronousTestCase):
    """The ``sources.list`` that goes with them."""

    def told(self, job: Job) -> list[str]:
        archives = instructions(job, "")["archives"]
        assert isinstance(archives, list)
        return archives

    def test_own(self) -> None:
        """The chroot's own list is left alone unless there is another."""
        self.assertNotIn("archives", instructions(JOB, ""))
        line = Line("deb http://x y z")
        self.assertEqual(
            self.told(evolve(JOB, archive_lines=(line,))), ["deb http://x y z"]
        )

    def test_proposed(self) -> None:
        """A build for proposed gets what it may use of all before it. Case 93."""
        suites = ("s", "s-security", "s-updates", "s-proposed")
        told = self.told(job_for(PRIMARY, Pocket.PROPOSED, "universe"))
        expected = [f"deb http://p {suite} main universe" for suite in suites]
        self.assertEqual(told, expected)

    def test_backports(self) -> None:
        """A build for backports gets all components. Case 93."""
        suites = ("s", "s-security", "s-updates", "s-backports")
        told = self.told(job_for(PRIMARY, Pocket.BACKPORTS))
        every = " ".join(COMPONENTS)
        self.assertEqual(told, [f"deb http://p {suite} {every}" for suite in suites])

    def test_ppa(self) -> None:
        """A build for a PPA gets that first, then the distribution. Case 93."""
        told = self.told(job_for(PPA, Pocket.RELEASE))
        every = " ".join(COMPONENTS)
        suites = ("s", "s-security", "s-updates")
        ours = "deb http://ppa s main"
        primary = [f"deb http://p {suite} {every}" for suite in suites]
        self.assertEqual(told, [ours, *primary])

    def test_secret(self) -> None:
        """A secret is told to the worker, not to who looks at the job. Case 85."""
        private = evolve(PPA, private=True, secret=Secret("open-sesame"))
        job = job_for(private, Pocket.RELEASE)
        self.assertIn("buildd:open-sesame@ppa", self.told(job)[0])
        self.assertNotIn("open-sesame", f"{job} {job!r} {job.archive_lines}")
