"""What managers do to builders."""

from hypothesis import strategies as st
from hypothesis.stateful import rule
from twisted.internet.defer import Deferred

from buildd_manager.domain.blame import Case, Offence, judge
from buildd_manager.domain.builders import CleanState, Lease
from buildd_manager.domain.catalogue import BuilderChange
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.jobs import Assignment
from buildd_manager.domain.policy import Policy
from tests.machine.scene import MANAGERS, Look, Scene, which
from tests.machine.twins import Side


#: Mostly of those that do not take the builder out of use at once.
offences = st.sampled_from(
    [Offence.TROUBLE, Offence.LOST, Offence.NOT_STARTED] * 3 + list(Offence)
)


class Managing(Scene):
    """Managers come and go, and do as they please with builders."""

    @rule(manager=st.sampled_from(MANAGERS))
    def renew(self, manager: str) -> None:
        """A manager renews its leases, and takes what is free."""
        self.take(manager)

    @rule(
        manager=st.sampled_from(MANAGERS),
        crashes=st.booleans(),
        heir=st.sampled_from([None, *MANAGERS, *MANAGERS]),
    )
    def end(self, manager: str, crashes: bool, heir: str | None) -> None:
        """A manager ends, or begins anew without having ended; its builders go on."""
        if crashes:
            self.register(manager)
        self.leave(manager)
        if heir is not None:
            self.take(heir)

    @rule(n=which)
    def release_late(self, n: int) -> None:
        """What was to be given back long ago is given back now."""
        self.release(self.leases[n % len(self.leases)])

    @rule(seconds=st.sampled_from([1.0, 30.0, 61.0, 400.0, 5000.0]))
    def let_pass(self, seconds: float) -> None:
        """Time passes; leases run out, and trials come due."""
        self.twins.advance(seconds)

    @rule(n=which, seconds=st.sampled_from([1.0, 400.0, 5000.0]))
    def try_later(self, n: int, seconds: float) -> None:
        """A builder is out of use, and is tried again some time later."""
        lease = self.lease(n)
        self._judge(lease, self.look(lease.builder), Offence.UNSUITABLE)
        self.twins.advance(seconds)
        self.try_again(lease)

    @rule(
        n=which,
        what=st.sampled_from(["claim", "introduce", *CleanState]),
        before=st.none() | st.sampled_from(CleanState),
    )
    def visit(self, n: int, what: str | CleanState, before: CleanState | None) -> None:
        """A manager does something to a builder, in time or not."""
        lease = self.lease(n)
        match what:
            case "claim":
                self.claim(lease)
            case "introduce":
                self.ask(
                    "introduce",
                    lambda s: s.store.builds.introduce(s.lease(lease), "9"),
                )
            case CleanState():
                self.set_clean(lease, what, before)

    @rule(n=which, offence=offences, ago=st.integers(1, 9))
    def judge(self, n: int, offence: Offence, ago: int) -> None:
        """A failure is judged by what was seen of its builder some looks ago."""
        lease = self.lease(n)
        self.look(lease.builder)
        seen = self.looks[lease.builder][-ago:]
        self._judge(lease, seen[0], offence)

    @rule(n=which, offence=offences)
    def fail(self, n: int, offence: Offence) -> None:
        """A builder fails, and wants something else to do."""
        lease = self.lease(n)
        self._judge(lease, self.look(lease.builder), offence)
        if self.set_clean(lease, CleanState.CLEAN):
            self.claim(lease)

    def _judge(self, lease: Lease, seen: Look, offence: Offence) -> None:
        builder, assignment = seen
        if not builder.ok:
            return
        case = Case(
            offence=offence,
            cause=Cause.BUILDER_LOST,
            reason=offence.value,
            builder=builder,
            assignment=assignment,
        )
        ruling = judge(case, Policy())

        def settle(side: Side) -> Deferred[None]:
            live = assignment
            attempt = None if live is None else side.number("attempt", live.attempt)
            return side.store.builds.settle(side.lease(lease), attempt, ruling)

        self.ask("settle", settle)

    # --- for rules

    def try_again(self, lease: Lease) -> bool:
        """Put a builder on trial; tell whether that was accepted."""
        refused = self.ask(
            "put_on_trial", lambda s: s.store.builds.put_on_trial(s.lease(lease))
        )
        return refused is None

    def use(self, name: str) -> bool:
        """Have a builder used by managers."""
        change = BuilderChange(ok=True, manual=False)
        self.ask(
            "change_builder", lambda s: s.store.catalogue.change_builder(name, change)
        )
        return True

    def set_clean(
        self, lease: Lease, after: CleanState, before: CleanState | None = None
    ) -> bool:
        """Say what is known of a builder; tell whether that was accepted."""
        was = before or self.peek(lease.builder)[0].clean
        refused = self.ask(
            "set_clean", lambda s: s.store.builds.set_clean(s.lease(lease), was, after)
        )
        return refused is None

    def claim(self, lease: Lease) -> bool:
        """Claim for a builder; tell whether there was something."""
        nonce = f"{next(self.nonces):016x}"
        claimed = self.ask(
            "claim", lambda s: s.store.builds.claim(s.lease(lease), nonce)
        )
        if not isinstance(claimed, Assignment):
            return False
        self.cookies.append(claimed.cookie)
        return True
