"""What people do."""

import operator

from hypothesis import strategies as st
from hypothesis.stateful import rule
from twisted.internet.defer import Deferred

from buildd_manager.domain.archives import ArchiveChange
from buildd_manager.domain.builds import RETRYABLE, BuildState
from buildd_manager.domain.catalogue import ArchChange, BuilderChange, SeriesChange
from buildd_manager.domain.cookies import Cookie
from buildd_manager.domain.endings import ON_BUILDER
from buildd_manager.domain.origins import Origin
from buildd_manager.domain.series_status import SeriesStatus
from tests.machine.scene import BUILDERS, Scene, which
from tests.machine.twins import Side


names = st.sampled_from([new.name for new in BUILDERS])
archives = st.sampled_from(["debian", "ppa"])
#: Mostly yes, so that something is built.
mostly = st.sampled_from([True, True, True, False])
seldom = mostly.map(operator.not_)
statuses = st.sampled_from([SeriesStatus.DEVELOPMENT] * 3 + list(SeriesStatus))

#: Builds for which there is nothing to be done but to wait.
WAITING = frozenset({BuildState.NEEDS_BUILD})


class People(Scene):
    """People submit sources, change their minds, and look after the farm."""

    @rule(
        name=st.sampled_from(["a", "b"]),
        version=st.sampled_from(["1", "2", "3"]),
        archive=archives,
        score=st.integers(0, 2),
    )
    def submit(self, name: str, version: str, archive: str, score: int) -> None:
        """A source is submitted: new, newer or older than what is there."""
        self.have_submitted(name, version, archive, score)

    @rule(n=which)
    def cancel(self, n: int) -> None:
        """A build is not wanted."""
        build = self.build(n, WAITING | {BuildState.BUILDING})
        self.ask("cancel", lambda s: s.store.queue.cancel(s.number("build", build)))

    @rule(n=which, dry_run=st.booleans())
    def retry(self, n: int, dry_run: bool) -> None:
        """A build is to be attempted once more, or somebody asks whether it may be."""
        build = self.build(n, RETRYABLE)
        self.ask(
            "may retry" if dry_run else "retry",
            lambda s: s.store.queue.retry(s.number("build", build), dry_run=dry_run),
        )

    @rule(n=which, score=st.none() | st.integers(0, 9))
    def rescore(self, n: int, score: int | None) -> None:
        """A build is to go earlier, or later."""
        build = self.build(n, WAITING)
        self.ask(
            "rescore", lambda s: s.store.queue.rescore(s.number("build", build), score)
        )

    @rule(n=which)
    def supersede(self, n: int) -> None:
        """A source is not wanted any more, whose build waits or runs."""
        build = self.build(n, WAITING | ON_BUILDER)
        self.ask(
            "supersede", lambda s: s.store.queue.supersede(s.number("build", build))
        )

    @rule(name=names, ok=st.none() | st.booleans(), manual=st.none() | seldom)
    def change_builder(self, name: str, ok: bool | None, manual: bool | None) -> None:
        """A builder is taken out of use, or into it."""
        change = BuilderChange(ok=ok, manual=manual)
        self.ask(
            "change_builder", lambda s: s.store.catalogue.change_builder(name, change)
        )

    @rule(archive=archives, enabled=mostly, virtual=st.booleans())
    def change_archive(self, archive: str, enabled: bool, virtual: bool) -> None:
        """An archive is disabled, or is for virtual builders from now on."""
        change = ArchiveChange(enabled=enabled, require_virtualized=virtual)
        self.ask(
            "change_archive",
            lambda s: s.store.catalogue.change_archive(archive, change),
        )

    @rule(enabled=mostly, real=mostly, status=statuses, chroot=mostly)
    def change_series(
        self, enabled: bool, real: bool, status: SeriesStatus, chroot: bool
    ) -> None:
        """A series is released, or becomes obsolete; there is no chroot for it."""
        arch = ArchChange(enabled=enabled, supports_nonvirtualized=real)
        series = SeriesChange(status=status)
        self.ask(
            "change_architecture",
            lambda s: s.store.catalogue.change_architecture("bookworm", "amd64", arch),
        )
        self.ask(
            "change_series",
            lambda s: s.store.catalogue.change_series("bookworm", series),
        )
        self.set_chroot(there=chroot)

    @rule(n=which, what=st.sampled_from(["clean", "cookie", "cookie of 2005", "waits"]))
    def hear(self, n: int, what: str) -> None:
        """Somebody says something that may be so, or not."""
        match what:
            case "clean":
                self._say_clean(BUILDERS[-1 - n % len(BUILDERS)].name)
            case "waits":
                self._still_waits(self.any_of("build", n))
            case _:
                self._say_name(n, of_2005="2005" in what)

    def _say_clean(self, name: str) -> None:
        """Somebody has made a virtual builder anew, or says so."""
        self.ask("say_clean", lambda s: s.store.catalogue.set_clean(name))

    def _still_waits(self, build: int) -> None:
        """It was found out what a build still waits for."""
        self.ask(
            "still_waits",
            lambda s: s.store.queue.still_waits(s.number("build", build), "b"),
        )

    def _say_name(self, n: int, *, of_2005: bool) -> None:
        """A worker says the name of a job, as ours are, or as those of 2005 were."""
        known = self.cookies or [Cookie(0, 0)]
        cookie, builder = known[-1 - n // 3 % len(known)], self.builders[n % 3]

        def origin_of(side: Side) -> Deferred[Origin]:
            name = Cookie(
                side.number("build", cookie.build),
                side.number("queue", cookie.queue),
                None if of_2005 else cookie.nonce,
            )
            number = side.number("builder", builder)
            return side.store.builds.origin_of(number, str(name))

        self.read("origin_of", origin_of)
