"""Examples of the domain's values, and Hypothesis strategies for them."""

from hypothesis import strategies as st

from buildd_manager.domain.builders import Builder, CleanState, ResetProtocol
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.cookies import Cookie
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.jobs import Assignment, AttemptState, Job, Stopping
from buildd_manager.domain.observations import Observation
from buildd_manager.domain.origins import ELSEWHERE, MISMATCH, OURS, Origin
from buildd_manager.domain.reports import (
    Aborted,
    Aborting,
    Building,
    Idle,
    Report,
    Unasked,
    Verdict,
    Waiting,
)


BUILDER = Builder(
    id=1, name="bob", url="http://bob.invalid:8221", architectures=("amd64",)
)

FILE = StoredFile(
    alias=7,
    name="hello_1.dsc",
    mimetype="application/octet-stream",
    size=4,
    sha1="a" * 40,
    sha256="b" * 64,
)

JOB = Job(
    source="hello",
    version="1",
    distribution="debian",
    series="bookworm",
    suite="bookworm",
    component="main",
    architecture="amd64",
    arch_indep=False,
    archive_lines=None,
    chroot=FILE,
    files=(FILE,),
)

ASSIGNMENT = Assignment(
    attempt=3,
    cookie=Cookie(2, 1, "0123456789abcdef"),
    state=AttemptState.CLAIMED,
    job=JOB,
)

#: What the worker calls :data:`ASSIGNMENT`.
COOKIE = str(ASSIGNMENT.cookie)


def cookies() -> st.SearchStrategy[Cookie]:
    """Make names of attempts, ours and 2005's."""
    number = st.integers(0, 10**18 - 1)
    nonce = st.none() | st.text("0123456789abcdef", min_size=16, max_size=16)
    return st.builds(Cookie, number, number, nonce)


def reports() -> st.SearchStrategy[Report]:
    """Make reports, about half of them on :data:`ASSIGNMENT`."""
    name = st.just(COOKIE) | st.text(max_size=20)
    files = st.sampled_from([{}, {"hello_1_amd64.changes": "a" * 40}])
    waiting = st.builds(Waiting, name, st.sampled_from(Verdict), files)
    return st.one_of(
        st.builds(Idle, st.none() | st.just("254")),
        st.builds(Building, name, st.binary(max_size=40)),
        st.builds(Aborting, name),
        st.builds(Aborted, name),
        st.just(Unasked()),
        waiting,
    )


def builders() -> st.SearchStrategy[Builder]:
    """Make builders in every state that one may be in."""
    return st.builds(
        Builder,
        id=st.just(1),
        name=st.just("bob"),
        url=st.just(BUILDER.url),
        architectures=st.just(("amd64",)),
        virtualized=st.booleans(),
        vm_host=st.just("host"),
        reset_protocol=st.sampled_from(ResetProtocol),
        ok=st.booleans(),
        manual=st.booleans(),
        clean=st.sampled_from(CleanState),
        restless=st.sampled_from([0.0, 200.0, 2000.0]),
        introduced=st.booleans(),
        failures=st.integers(0, 6),
        on_trial=st.booleans(),
        trials=st.integers(0, 3),
        trial_due=st.booleans(),
    )


def assignments() -> st.SearchStrategy[Assignment]:
    """Make live attempts, all of the one name, in every state."""
    stopping = st.builds(
        Stopping,
        st.sampled_from([Cause.CANCELLED, Cause.TIMEOUT, Cause.SILENCE]),
        st.sampled_from([0.0, 200.0]),
    )
    return st.builds(
        Assignment,
        attempt=st.just(ASSIGNMENT.attempt),
        cookie=st.just(ASSIGNMENT.cookie),
        state=st.sampled_from(
            [AttemptState.CLAIMED, AttemptState.RUNNING, AttemptState.GATHERING]
        ),
        job=st.just(JOB),
        number=st.integers(1, 6),
        failures=st.integers(0, 6),
        canary=st.booleans(),
        cancelling=st.booleans(),
        superseded=st.booleans(),
        stopping=st.none() | stopping,
        running=st.sampled_from([0.0, 10.0**6]),
        tail=st.sampled_from([None, "", "gcc"]),
        silent=st.sampled_from([0.0, 10.0**6]),
    )


def origins() -> st.SearchStrategy[Origin]:
    """Make everything that may be known of a name."""
    return st.sampled_from([OURS, ELSEWHERE, MISMATCH])


def observations() -> st.SearchStrategy[Observation]:
    """Make everything that a look may show, sensible or not."""
    return st.builds(
        Observation, builders(), st.none() | assignments(), reports(), origins()
    )
