"""A farm in which everything fails."""

import subprocess
import sys
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.simulation.fates import missed
from tests.simulation.faults import Fault, names_of, parse
from tests.simulation.guards import GUARDS
from tests.simulation.shrinking import shrink


ROOT = Path(__file__).parents[2]


class SimulationTests(SynchronousTestCase):
    """Worlds, each in a process of its own: they patch what they run."""

    def simulated(self, *words: str, hash_seed: str = "0") -> tuple[int, str]:
        """Run worlds; give the exit status and what was said."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.simulation", *words],
            cwd=ROOT,
            env={"PYTHONPATH": f"{ROOT}/lib:{ROOT}", "PYTHONHASHSEED": hash_seed},
            check=False,
            capture_output=True,
            text=True,
        )
        self.assertEqual(done.stderr, "")
        return done.returncode, done.stdout

    def test_promises(self) -> None:
        """Whatever fails, no promise is broken."""
        status, said = self.simulated("--seeds", "0:40")
        self.assertEqual(status, 0, said)
        self.assertTrue(said.endswith("VIOLATIONS 0\n"))

    def test_regressions(self) -> None:
        """Nor is it in worlds in which it once was."""
        status, said = self.simulated("--again")
        self.assertEqual(status, 0, said)

    def test_guards(self) -> None:
        """Each guard that is taken out is missed, in a world that is known."""
        self.assertEqual(set(missed()), set(GUARDS))
        status, said = self.simulated("--break", "all", "--seeds", "0:0")
        self.assertEqual(status, 0, said)

    def test_postgres(self) -> None:
        """In PostgreSQL all goes as it does in memory, to the last word."""
        status, said = self.simulated("--store", "postgres", "--seeds", "0:2")
        self.assertEqual(status, 0, said)

    def test_same(self) -> None:
        """The same seed is the same history, whatever Python's hashes are."""
        histories = {
            self.simulated("--seeds", "3", "--trace", hash_seed=seed)[1].split(
                "simulation:"
            )[0]
            for seed in ("0", "1", "2")
        }
        self.assertEqual(len(histories), 1)


class ShrinkTests(SynchronousTestCase):
    """Which kinds of trouble a failure needs."""

    def test_needed(self) -> None:
        """What makes no difference is left out."""
        needed = frozenset({Fault.KILL, Fault.LATE})
        self.assertEqual(shrink(frozenset(Fault), needed.__le__), needed)

    def test_names(self) -> None:
        """Kinds of trouble are written as they are read."""
        self.assertEqual(parse(names_of(frozenset(Fault))), frozenset(Fault))
