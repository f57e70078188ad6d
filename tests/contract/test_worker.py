"""Simulated workers and genuine ones do the same, in both dialects."""

import json
from base64 import b64encode
from urllib.parse import quote

from attrs import evolve
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.task import Clock
from twisted.trial.unittest import TestCase
from twisted.web.http import UNAUTHORIZED
from twisted.web.resource import Resource
from twisted.web.server import Request, Site
from twisted.web.static import Data

from buildd_manager.domain.errors import WorkerFaultError
from buildd_manager.domain.jobs import TAG
from buildd_manager.domain.reports import (
    Aborted,
    Aborting,
    Building,
    Idle,
    Verdict,
    Waiting,
)
from buildd_manager.ports import IWorker
from buildd_manager.testing import worker_contract
from buildd_manager.testing.buildd import SimulatedBuildd
from buildd_manager.testing.buildd_plans import Plan
from buildd_manager.testing.buildd_resource import Dialect, buildd_site
from buildd_manager.testing.buildd_worker import (
    SimulatedFarm,
    SimulatedWorker,
    fetch_from,
)
from buildd_manager.testing.librarian import MemoryLibrarian
from buildd_manager.testing.store import memory_store
from buildd_manager.testing.strategies import BUILDER
from buildd_manager.testing.worker_case import (
    CHROOT,
    COOKIE,
    OTHER,
    QUICK,
    TOLD,
    sha1,
)
from tests.adapters.patience import pause
from tests.adapters.worker_canned import genuine_worker, stages
from tests.adapters.worker_client import worker_at
from tests.adapters.worker_listening import listen


#: A key of apt's, for the stage that adds it.
KEYS = {"trusted_keys": [b64encode(b"a key").decode()]}

#: What apt says of a package that it cannot have; the place is for the reason.
UNMET = (
    "The following packages have unmet dependencies:\n"
    " hello : Depends: libx (>= 2.0) but {}"
)

#: For a stage that takes as long as anybody wants.
WAITING = "exec setpriv --pdeathsig TERM sleep 60"

#: All ways to each verdict of which the contract does not speak.
OUTCOMES: tuple[tuple[Verdict, dict[str, str]], ...] = (
    (Verdict.OK, {}),
    (Verdict.PACKAGEFAIL, {"sbuild_package": '{"exit": 2}'}),
    (Verdict.PACKAGEFAIL, {"sbuild_package": '{"exit": 3}'}),
    (Verdict.PACKAGEFAIL, {"sbuild_package": '{"omit": ["hello_1_amd64.changes"]}'}),
    (Verdict.PACKAGEFAIL, {"sbuild_package": '{"omit": ["hello_1_amd64.deb"]}'}),
    (Verdict.BUILDERFAIL, {"sbuild_package": '{"exit": 4}'}),
    (Verdict.BUILDERFAIL, {"umount_chroot": "exit 1"}),
    (Verdict.BUILDERFAIL, {"remove_build": "exit 1"}),
    (Verdict.CHROOTFAIL, {"unpack_chroot": "exit 1"}),
    (Verdict.CHROOTFAIL, {"override_sources_list": "exit 1"}),
    (Verdict.CHROOTFAIL, {"add_trusted_keys": "exit 1"}),
    (Verdict.CHROOTFAIL, {"update_debian_chroot": "exit 1"}),
    (Verdict.CHROOTFAIL, {"update_debian_chroot": "kill -9 $$"}),
)


class SimulatedWorkerTests(worker_contract.WorkerContract):
    """The simulated one keeps the contract."""

    async def make_worker(self) -> IWorker:
        self.clock = Clock()
        self.files: dict[str, bytes] = {}
        self.plan = Plan()
        self.buildd = SimulatedBuildd(self.clock, lambda _: self.plan, self.fetch)
        return SimulatedWorker(self.buildd)

    def fetch(self, url: str) -> Deferred[bytes]:
        if url in self.files:
            return succeed(self.files[url])
        return fail(OSError("404"))

    async def arrange(self, plan: Plan) -> None:
        self.plan = plan

    async def publish(self, content: bytes, password: str = "") -> str:
        path = f"librarian.invalid/{len(self.files)}"
        login = f"buildd:{quote(password)}@" if password else ""
        self.files[f"http://{login}{path}"] = content
        return f"http://{path}"

    async def withdraw(self, url: str) -> None:
        del self.files[url]

    async def restart(self) -> None:
        self.buildd.restart()

    async def pause(self) -> None:
        self.clock.advance(0.1)

    async def test_cannot_be_killed(self) -> None:
        """A job that cannot be killed is given up after two minutes. Case 119."""
        await self.begin(Plan(seconds=600.0, dying=1000.0))
        await self.worker.abort()
        self.clock.advance(119.0)
        self.assertEqual(await self.worker.status(), Aborting(COOKIE))
        self.clock.advance(1.0)
        failed = Waiting(COOKIE, Verdict.BUILDERFAIL)
        self.assertEqual(await self.worker.status(), failed)

    async def test_one_file_twice(self) -> None:
        """Two results with the same in them have one sum, and are cleaned once."""
        await self.begin(Plan(seconds=0.0, files={"a.deb": "x", "b.deb": "x"}))
        finished = await self.see(Waiting)
        self.assertEqual(len(finished.files), 2)
        self.assertEqual(len(set(finished.files.values())), 1)
        await self.worker.clean()

    async def test_begun(self) -> None:
        """It remembers what has really run."""
        await self.begin(QUICK)
        await self.see(Waiting)
        await self.refuses(WorkerFaultError, self.build(OTHER))
        self.assertEqual(self.buildd.begun, [COOKIE])


class ServedWorkerTests(SimulatedWorkerTests):
    """The real client, and the simulated one on a network, keep the contract."""

    dialect = Dialect.TODAY
    timeout = 30

    async def make_worker(self) -> IWorker:
        await super().make_worker()
        return worker_at(await listen(self, buildd_site(self.buildd, self.dialect)))


class ServedWorkerOf2005Tests(ServedWorkerTests):
    """So does one that speaks as in 2005."""

    dialect = Dialect.IN_2005
    gives_reasons = False
    knows_logins = False
    ended_by_abort = Aborted(COOKIE)


class SimulatedFarmTests(TestCase):
    """Simulated workers, as many as there are builders."""

    async def test_addresses(self) -> None:
        """There is one worker at each address."""
        farm = SimulatedFarm(lambda: SimulatedBuildd(Clock()))
        other = evolve(BUILDER, url="http://alice.invalid:8221")
        self.assertEqual(await farm.worker_of(other).status(), Idle())
        buildd = farm.buildd_at(BUILDER.url)
        buildd.cache[sha1(CHROOT)] = CHROOT
        with self.assertRaises(WorkerFaultError):
            buildd.build(COOKIE, TAG, sha1(CHROOT), {}, TOLD)
        self.assertEqual(await farm.worker_of(BUILDER).status(), Building(COOKIE))
        self.assertEqual(await farm.worker_of(other).status(), Idle())

    async def test_reset(self) -> None:
        """A machine that is made anew has neither job nor files."""
        librarian = MemoryLibrarian(memory_store(Clock()).files)
        incoming = librarian.receive()
        await incoming.write(CHROOT)
        chroot = await incoming.keep("chroot.tar.gz", "application/octet-stream")
        fetch = fetch_from(librarian, librarian.index)
        buildd = SimulatedBuildd(Clock(), fetch=fetch, version="254")
        worker = SimulatedWorker(buildd)
        await worker.ensure_present(chroot.sha1, librarian.url_of(chroot))
        self.assertEqual(buildd.cache, {chroot.sha1: CHROOT})
        buildd.reset()
        self.assertEqual(buildd.cache, {})
        self.assertEqual(await worker.status(), Idle("254"))


class Private(Data):
    """What is there only for those who know name and password."""

    def __init__(self, content: bytes, password: str) -> None:
        super().__init__(content, "application/octet-stream")
        self._login = (b"buildd", password.encode())

    def render_GET(self, request: Request) -> bytes:
        if (request.getUser(), request.getPassword()) == self._login:
            page: bytes = super().render_GET(request)
            return page
        request.setResponseCode(UNAUTHORIZED)
        request.setHeader(b"WWW-Authenticate", b'Basic realm="here"')
        return b""


class GenuineWorkerTests(worker_contract.WorkerContract):
    """The real client and the genuine launchpad-buildd keep the contract."""

    timeout = 60

    async def make_worker(self) -> IWorker:
        self.genuine = genuine_worker()
        self.root = Resource()
        self.base = await listen(self, Site(self.root))
        self.addCleanup(lambda: Deferred.fromCoroutine(self.tidy()))
        return worker_at(self.genuine.url)

    async def tidy(self) -> None:
        """Leave the worker idle for the next test."""
        match await self.worker.status():
            case Idle():
                return
            case Waiting():
                await self.worker.clean()
            case _:
                await self.restart()

    async def arrange(self, plan: Plan) -> None:
        self.genuine.plan(**stages(plan))

    async def publish(self, content: bytes, password: str = "") -> str:
        name, page = sha1(content), Data(content, "application/octet-stream")
        if password:
            page = Private(content, password)
        self.root.putChild(name.encode(), page)
        return f"{self.base}/{name}"

    async def withdraw(self, url: str) -> None:
        self.root.delEntity(url.rpartition("/")[2].encode())

    async def restart(self) -> None:
        self.genuine.stop()
        (self.genuine.cache / "buildlog").unlink(missing_ok=True)
        self.genuine.start()

    async def pause(self) -> None:
        await pause(0.05)

    async def test_outcomes(self) -> None:
        """Whatever goes wrong, and wherever, is one of the known verdicts. Case 120."""
        for number, (wanted, plan) in enumerate(OUTCOMES):
            cookie = f"4-{number}"
            with self.subTest(plan):
                self.genuine.plan(**plan)
                await self.build(cookie, {**TOLD, "archives": ["deb x"], **KEYS})
                finished = await self.see(Waiting)
                self.assertEqual((finished.cookie, finished.verdict), (cookie, wanted))
                await self.worker.clean()

    async def test_reasons(self) -> None:
        """What apt says of packages that it lacks decides what it means. Case 120."""
        lacking, failed = Verdict.DEPFAIL, Verdict.PACKAGEFAIL
        for why, stage, verdict in (
            ("it is not installable", "install-deps", lacking),
            ("1.0 is to be installed", "install-deps", lacking),
            ("1.0 is installed", "install-deps", lacking),
            ("it is a virtual package", "install-deps", lacking),
            ("it is not going to be installed", "install-deps", failed),
            ("nobody knows", "install-deps", failed),
            ("it is not installable", "build", failed),
        ):
            with self.subTest(why=why, stage=stage):
                lines = [UNMET.format(why), f"Fail-Stage: {stage}"]
                told = {"exit": 3, "lines": lines}
                self.genuine.plan(sbuild_package=json.dumps(told))
                await self.build()
                finished = await self.see(Waiting)
                lacks = "libx (>= 2.0)" if verdict is lacking else ""
                said = (finished.verdict, finished.dependencies)
                self.assertEqual(said, (verdict, lacks))
                await self.worker.clean()

    async def test_aborted_early(self) -> None:
        """What is called off before sbuild begins is aborted, too. Case 119."""
        self.genuine.plan(mount_chroot="sleep 0.2")
        await self.build()
        await self.worker.abort()
        finished = await self.see(Waiting)
        self.assertEqual(finished.verdict, Verdict.ABORTED)
        self.assertNotIn(b"compiles", await self.log())

    async def test_tail(self) -> None:
        """Of the log it tells 2 KiB at most, and nothing if it is gone. Case 117."""
        long = "head -c 5000 /dev/zero | tr '\\0' x"
        self.genuine.plan(mount_chroot=f"{long}; {WAITING}")
        await self.build()
        tail = b"x" * 2048
        building = await self.see(Building, lambda report: report.tail.endswith(tail))
        self.assertEqual(building.tail, tail)
        (self.genuine.cache / "buildlog").unlink()
        self.assertEqual(await self.worker.status(), Building(COOKIE, b""))

    async def test_any_bytes(self) -> None:
        """The log and its end have just the bytes that were written."""
        self.genuine.plan(mount_chroot=rf"printf '\377\000\033[2J\303'; {WAITING}")
        await self.build()
        building = await self.see(Building, lambda report: b"\xff" in report.tail)
        self.assertTrue(building.tail.endswith(b"\xff\0\x1b[2J\xc3"))
        self.assertTrue((await self.log()).endswith(building.tail))
