"""Examples of the domain's values, and Hypothesis strategies for them."""

from hypothesis import strategies as st

from buildd_manager.domain.builders import Builder, CleanState
from buildd_manager.domain.cookies import Cookie
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.jobs import Assignment, AttemptState, Job
from buildd_manager.domain.planning import Observation
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


def observations() -> st.SearchStrategy[Observation]:
    """Make everything that a look may show, sensible or not."""
    builder = st.builds(
        Builder,
        id=st.just(1),
        name=st.just("bob"),
        url=st.just(BUILDER.url),
        architectures=st.just(("amd64",)),
        virtualized=st.booleans(),
        vm_host=st.just("host"),
        ok=st.booleans(),
        manual=st.booleans(),
        clean=st.sampled_from(CleanState),
    )
    assignment = st.builds(
        Assignment,
        attempt=st.just(ASSIGNMENT.attempt),
        cookie=st.just(ASSIGNMENT.cookie),
        state=st.sampled_from(
            [AttemptState.CLAIMED, AttemptState.RUNNING, AttemptState.GATHERING]
        ),
        job=st.just(JOB),
    )
    return st.builds(Observation, builder, st.none() | assignment, reports())
