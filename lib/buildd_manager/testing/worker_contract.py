"""
What every worker does, well or badly, and how it is heard of.

Take :class:`WorkerContract` and give it a worker; import this module, not the class,
or trial runs the bare contract.
"""

from attrs import evolve

from buildd_manager.domain.errors import (
    BadFileError,
    NotStartedError,
    UnknownSumError,
    UnsuitableError,
    UntrustworthyError,
    WorkerFaultError,
)
from buildd_manager.domain.jobs import TAG
from buildd_manager.domain.reports import (
    Aborted,
    Aborting,
    Building,
    Idle,
    Verdict,
    Waiting,
)
from buildd_manager.testing.worker_case import (
    CHROOT,
    COOKIE,
    DSC,
    LONG,
    OTHER,
    QUICK,
    ROOM,
    TOLD,
    Kept,
    WorkerCase,
    cookie_of,
    sha1,
)


class WorkerContract(WorkerCase):
    """A worker that has no job, at first."""

    # --- who it is

    async def test_idle(self) -> None:
        """A worker without a job is idle."""
        self.assertIsInstance(await self.worker.status(), Idle)

    async def test_echo(self) -> None:
        """It repeats words, those that are none in English, too."""
        words = ("ping", "", "żółć & <b>")
        self.assertEqual(tuple(await self.worker.echo(*words)), words)

    async def test_info(self) -> None:
        """It tells its protocol, its architecture, and that it builds packages."""
        protocol, architecture, tags = await self.worker.info()
        self.assertEqual((protocol, architecture), ("1.0", "amd64"))
        self.assertIn(TAG, tags)

    async def test_no_proxy(self) -> None:
        """It has no proxy without a build, which is a fault."""
        await self.refuses(WorkerFaultError, self.worker.proxy_info())

    # --- files for it

    async def test_fetched_once(self) -> None:
        """A file that it has is not fetched again. Case 82."""
        url = await self.publish(b"content")
        await self.worker.ensure_present(sha1(b"content"), url)
        await self.withdraw(url)
        await self.worker.ensure_present(sha1(b"content"), url)

    async def test_nothing_there(self) -> None:
        """A file that is not there is not present, and it says why. Case 82."""
        url = await self.publish(b"nothing there")
        await self.withdraw(url)
        asked = self.worker.ensure_present(sha1(b"nothing there"), url)
        said = await self.refuses(NotStartedError, asked)
        self.assertEqual("Error accessing Librarian" in said, self.gives_reasons)

    async def test_another_file(self) -> None:
        """A file with another sum is not present, neither then nor later."""
        url = await self.publish(b"another file")
        for _ in range(2):
            asked = self.worker.ensure_present("0" * 40, url)
            said = await self.refuses(NotStartedError, asked)
            self.assertEqual("Digests did not match" in said, self.gives_reasons)

    async def test_login(self) -> None:
        """What is for few people it gets with a name and a password. Case 90."""
        wanted, url = sha1(b"private"), await self.publish(b"private", "a secret")
        asked = self.worker.ensure_present(wanted, url)
        await self.refuses(NotStartedError, asked)
        asked = self.worker.ensure_present(wanted, url, "buildd", "a secret")
        if self.knows_logins:
            await asked
        else:
            await self.refuses(WorkerFaultError, asked)

    # --- what it refuses to build

    async def test_unknown_tag(self) -> None:
        """It builds nothing of a kind that it does not know, and says so. Case 118."""
        asked = self.worker.build(COOKIE, "nonsense", await self.give(CHROOT), {}, TOLD)
        said = await self.refuses(UnsuitableError, asked)
        self.assertIn("UNKNOWNBUILDER nonsense not in [", said)
        self.assertIsInstance(await self.worker.status(), Idle)

    async def test_no_chroot(self) -> None:
        """It does not build without the chroot."""
        asked = self.worker.build(COOKIE, TAG, "0" * 40, {}, TOLD)
        said = await self.refuses(UnknownSumError, asked)
        self.assertIn("UNKNOWNSUM CHROOTSUM -> " + "0" * 40, said)
        self.assertIsInstance(await self.worker.status(), Idle)

    async def test_no_source(self) -> None:
        """It does not build without all of the source."""
        files = {"hello_1.dsc": await self.give(DSC), "hello_1.tar.gz": "0" * 40}
        asked = self.worker.build(COOKIE, TAG, await self.give(CHROOT), files, TOLD)
        said = await self.refuses(UnknownSumError, asked)
        self.assertIn("UNKNOWNSUM FILESUM -> " + "0" * 40, said)
        self.assertIsInstance(await self.worker.status(), Idle)

    async def test_no_name(self) -> None:
        """It builds nothing that has no name."""
        await self.refuses(WorkerFaultError, self.build(""))
        self.assertIsInstance(await self.worker.status(), Idle)

    async def test_refused(self) -> None:
        """Without a job, there is nothing to abort, clean or read."""
        await self.refuses(WorkerFaultError, self.worker.abort())
        await self.refuses(WorkerFaultError, self.worker.clean())
        await self.refuses(BadFileError, self.worker.fetch_log(Kept(), ROOM))

    # --- a job

    async def test_building(self) -> None:
        """While it builds it says what, with the end of its log. Case 117."""
        await self.begin(LONG)
        building = await self.see_compiling()
        self.assertEqual(building.cookie, COOKIE)
        self.assertLessEqual(len(building.tail), 2048)
        self.assertIn(building.tail, await self.log())
        await self.refuses(WorkerFaultError, self.worker.clean())

    async def test_success(self) -> None:
        """A success has files, each with its sum, made by just this job."""
        await self.begin(QUICK)
        finished = await self.see(Waiting)
        self.assertEqual(finished.verdict, Verdict.OK)
        self.assertEqual(finished.cookie, COOKIE)
        names = {"hello_1_amd64.changes", "hello_1_amd64.deb"}
        self.assertEqual(set(finished.files), names)
        for wanted in finished.files.values():
            self.assertEqual(sha1(await self.file(wanted)), wanted)
        deb = await self.file(finished.files["hello_1_amd64.deb"])
        self.assertIn(COOKIE.encode(), deb)
        self.assertIn(COOKIE.encode(), await self.log())

    async def test_failures(self) -> None:
        """A job that has not succeeded has its verdict, a log, and no files."""
        for verdict in (
            Verdict.PACKAGEFAIL,
            Verdict.GIVENBACK,
            Verdict.CHROOTFAIL,
            Verdict.BUILDERFAIL,
        ):
            await self.begin(evolve(QUICK, verdict=verdict))
            self.assertEqual(await self.see(Waiting), Waiting(COOKIE, verdict))
            self.assertTrue(await self.log())
            await self.worker.clean()

    async def test_dependencies(self) -> None:
        """A job that lacks packages says which."""
        lacking = evolve(QUICK, verdict=Verdict.DEPFAIL, dependencies="libx (>= 2.0)")
        await self.begin(lacking)
        self.assertEqual(
            await self.see(Waiting),
            Waiting(COOKIE, Verdict.DEPFAIL, {}, "libx (>= 2.0)"),
        )

    async def test_cleaned(self) -> None:
        """What was cleaned away is gone; it has what it was sent, and builds again."""
        await self.begin(QUICK)
        finished = await self.see(Waiting)
        await self.refuses(WorkerFaultError, self.worker.abort())
        await self.worker.clean()
        self.assertIsInstance(await self.worker.status(), Idle)
        await self.refuses(BadFileError, self.worker.fetch_log(Kept(), ROOM))
        for wanted in finished.files.values():
            await self.refuses(
                BadFileError, self.worker.fetch_file(wanted, Kept(), ROOM)
            )
        await self.worker.build(
            OTHER, TAG, sha1(CHROOT), {"hello_1.dsc": sha1(DSC)}, TOLD
        )
        self.assertEqual((await self.see(Waiting)).cookie, OTHER)

    async def test_bounds(self) -> None:
        """A log is cut at the limit, which is told; a file is refused."""
        await self.begin(QUICK)
        finished = await self.see(Waiting)
        log = await self.log()
        self.assertEqual(await self.log(len(log)), log)
        kept = Kept()
        self.assertTrue(await self.worker.fetch_log(kept, len(log) - 1))
        self.assertEqual(kept.data, log[:-1])
        wanted = finished.files["hello_1_amd64.deb"]
        deb = await self.file(wanted)
        self.assertEqual(await self.file(wanted, len(deb)), deb)
        asked = self.worker.fetch_file(wanted, Kept(), len(deb) - 1)
        await self.refuses(BadFileError, asked)

    async def test_no_such_file(self) -> None:
        """A file that is not there is the worker's fault; an address is no sum."""
        await self.refuses(BadFileError, self.worker.fetch_file("0" * 40, Kept(), ROOM))
        for address in ("../rpc", "http://169.254.169.254/", "", "0" * 39):
            asked = self.worker.fetch_file(address, Kept(), ROOM)
            await self.refuses(UntrustworthyError, asked)

    # --- aborts

    async def test_aborted(self) -> None:
        """A job that is called off takes a while, in which nothing helps. Case 119."""
        await self.begin(evolve(LONG, dying=1.0))
        await self.see_compiling()
        await self.worker.abort()
        self.assertEqual(await self.worker.status(), Aborting(COOKIE))
        await self.worker.abort()
        await self.refuses(WorkerFaultError, self.worker.clean())
        kind = Waiting if isinstance(self.ended_by_abort, Waiting) else Aborted
        self.assertEqual(await self.see(kind), self.ended_by_abort)
        await self.worker.clean()
        self.assertIsInstance(await self.worker.status(), Idle)

    # --- wedges, which only a restart mends

    async def test_killed(self) -> None:
        """A job whose process was killed goes on for ever, and cannot be aborted."""
        await self.begin(evolve(QUICK, verdict=None))
        await self.see_compiling()
        self.assertEqual((await self.stays(Building)).cookie, COOKIE)
        await self.worker.abort()
        await self.stays(Aborting)
        await self.restart()
        self.assertIsInstance(await self.worker.status(), Idle)

    async def test_incomplete(self) -> None:
        """A job of which not all was told is a fault, goes on for ever, and so on."""
        told = {key: value for key, value in TOLD.items() if key != "suite"}
        await self.refuses(WorkerFaultError, self.build(told=told))
        self.assertEqual(await self.stays(Building), Building(COOKIE))
        await self.worker.abort()
        await self.stays(Aborting)
        await self.restart()
        self.assertIsInstance(await self.worker.status(), Idle)

    async def test_no_dsc(self) -> None:
        """A job without a source is such a job, too."""
        asked = self.worker.build(COOKIE, TAG, await self.give(CHROOT), {}, TOLD)
        await self.refuses(WorkerFaultError, asked)
        self.assertEqual(await self.stays(Building), Building(COOKIE))
        await self.restart()

    async def test_renamed(self) -> None:
        """A job is refused while another runs, which then has its name and no log."""
        await self.begin(evolve(QUICK, seconds=2.0))
        await self.see_compiling()
        before = await self.log()
        await self.refuses(WorkerFaultError, self.build(OTHER))
        self.assertEqual(cookie_of(await self.worker.status()), OTHER)
        self.assertNotIn(before, await self.log())
        finished = await self.see(Waiting)
        self.assertEqual((finished.cookie, finished.verdict), (OTHER, Verdict.OK))
        deb = await self.file(finished.files["hello_1_amd64.deb"])
        self.assertIn(COOKIE.encode(), deb)
        self.assertNotIn(OTHER.encode(), deb)

    async def test_finished_renamed(self) -> None:
        """A job is refused while one waits, which then has its name and no log."""
        await self.begin(QUICK)
        finished = await self.see(Waiting)
        await self.refuses(WorkerFaultError, self.build(OTHER))
        self.assertEqual(
            await self.worker.status(), Waiting(OTHER, Verdict.OK, finished.files)
        )
        self.assertEqual(await self.log(), b"")

    async def test_restarted(self) -> None:
        """A worker that is restarted knows nothing of its job, but has its files."""
        await self.begin(LONG)
        await self.see(Building)
        await self.restart()
        self.assertIsInstance(await self.worker.status(), Idle)
        await self.arrange(QUICK)
        await self.worker.build(
            OTHER, TAG, sha1(CHROOT), {"hello_1.dsc": sha1(DSC)}, TOLD
        )
        self.assertEqual((await self.see(Waiting)).cookie, OTHER)
