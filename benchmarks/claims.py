"""How long a claim takes, whatever waits."""

from collections.abc import Iterator, Sequence
from itertools import count
from statistics import median
from time import perf_counter
from typing import Any, NoReturn

from attrs import Factory, define, frozen
from twisted.internet.defer import Deferred, gatherResults
from twisted.python.failure import Failure

from benchmarks.filling import MANAGER, Queue, filled
from buildd_manager.adapters.postgres.candidates import BEST, FIRST, OPEN
from buildd_manager.adapters.postgres.claiming import claim
from buildd_manager.adapters.postgres.pool import Pool
from buildd_manager.domain.builders import Lease


#: Builders of each farm, and builds that wait: in the baseline, and in what is told.
BUILDERS = 1_000
FEW, MANY = 100, 100_000

#: Claims that are timed one by one, each of another builder.
TIMED = 200

#: How many times as long as in the baseline a claim may take.
LIMIT = 5.0


class _UndoneError(Exception):
    """Undoes a claim, so that the next one finds the same farm."""


@define
class Farm:
    """
    A farm whose builders claim, and never get anything.

    :ivar times: Seconds that each claim has taken that was timed.
    """

    _pool: Pool
    times: list[float] = Factory(list)
    _nonces: Iterator[int] = Factory(count)

    async def time_one(self, builder: int) -> None:
        """Claim for a builder, while nobody else does, and see how long that takes."""
        began = perf_counter()
        await self.claim(builder)
        self.times.append(perf_counter() - began)

    async def rate(self) -> float:
        """Tell the claims in a second if all builders want something at once."""
        began = perf_counter()
        await gatherResults([self.claim(one) for one in range(1, BUILDERS + 1)])
        return BUILDERS / (perf_counter() - began)

    def claim(self, builder: int) -> Deferred[None]:
        """Claim, and undo it."""
        lease = Lease(builder=builder, owner=MANAGER, epoch=1, deadline=0.0)
        nonce = f"{next(self._nonces):016x}"

        async def work(cursor: Any) -> NoReturn:
            assert await claim(cursor, lease, nonce) is not None
            raise _UndoneError

        return self._pool.run(work).addErrback(_undone)

    async def scans(self) -> Sequence[str]:
        """Tell how PostgreSQL reads the queue for a claim."""
        values = {"builder": 1, "open": OPEN, "first": FIRST, "passed": []}
        (row,) = await self._pool.query(f"EXPLAIN (FORMAT JSON) {BEST}", values)
        return sorted(set(_scans(row[0][0]["Plan"])))


@frozen(kw_only=True)
class Claims:
    """
    What claims take.

    :ivar one: Seconds, if few builds wait, and if many do.
    :ivar rate: Claims in a second, likewise.
    :ivar scans: How PostgreSQL reads the queue if many wait.
    """

    queue: Queue
    one: tuple[float, float]
    rate: tuple[float, float]
    scans: Sequence[str]

    @property
    def ratio(self) -> float:
        """How many times as long one takes if many wait."""
        few, many = self.one
        return many / few

    @property
    def is_good(self) -> bool:
        """Whether an index serves claims, and they take hardly longer."""
        return self.ratio <= LIMIT and all("Index" in one for one in self.scans)

    def lines(self) -> Iterator[str]:
        """Tell people."""
        for waiting, one, rate in zip((FEW, MANY), self.one, self.rate, strict=True):
            yield f"  {waiting:7} wait: {one * 1000:7.2f} ms, {rate:5.0f} in a second"
        yield f"  ratio {self.ratio:.2f}, {LIMIT:g} at most; {', '.join(self.scans)}"


async def measure(queue: Queue) -> Claims:
    """Have the same builders claim on two farms, by turns."""
    async with (
        filled(BUILDERS, FEW, queue) as small,
        filled(BUILDERS, MANY, queue) as large,
    ):
        few, many = Farm(small), Farm(large)
        # At first, all is slower.
        rates = [(await few.rate(), await many.rate()) for _ in range(2)]
        for builder in range(1, TIMED + 1):
            await few.time_one(builder)
            await many.time_one(builder)
        return Claims(
            queue=queue,
            one=(median(few.times), median(many.times)),
            rate=rates[-1],
            scans=await many.scans(),
        )


def _undone(failure: Failure) -> None:
    failure.trap(_UndoneError)


def _scans(node: dict[str, Any]) -> Iterator[str]:
    """Name each scan of the queue in a plan."""
    if node.get("Relation Name") == "build_queue":
        yield " ".join([node["Node Type"], *filter(None, [node.get("Index Name")])])
    for inner in node.get("Plans", ()):
        yield from _scans(inner)
