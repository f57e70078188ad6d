"""What architectures and their wildcards mean."""

import subprocess
from itertools import product

from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.domain.architectures import is_of


#: Asks dpkg about every architecture that it knows.
ORACLE = """
use Dpkg::Arch qw(get_valid_arches debarch_is);
my @known = get_valid_arches();
print "@known\\n";
for my $word (@ARGV) {
  print join(" ", $word, grep { debarch_is($_, $word) } @known), "\\n";
}
"""


class ArchitectureTests(SynchronousTestCase):
    """Which architecture is meant by which word."""

    def meant(self, word: str, *architectures: str) -> set[str]:
        return {one for one in architectures if is_of(one, word)}

    def test_wildcards(self) -> None:
        """A wildcard means a kernel, a processor, or all of them."""
        known = ("amd64", "armhf", "hurd-i386", "i386", "kfreebsd-amd64", "x32")
        self.assertEqual(self.meant("any", *known), set(known))
        linux = {"amd64", "armhf", "i386", "x32"}
        self.assertEqual(self.meant("linux-any", *known), linux)
        self.assertEqual(self.meant("any-i386", *known), {"hurd-i386", "i386"})
        amd64 = {"amd64", "kfreebsd-amd64", "x32"}
        self.assertEqual(self.meant("any-amd64", *known), amd64)
        self.assertEqual(self.meant("any-arm", *known), {"armhf"})
        self.assertEqual(self.meant("kfreebsd-any", *known), {"kfreebsd-amd64"})
        self.assertEqual(self.meant("musl-linux-any", *known), set())

    def test_names(self) -> None:
        """A name means itself, and linux is what is meant by itself."""
        self.assertTrue(is_of("amd64", "amd64"))
        self.assertTrue(is_of("amd64", "linux-amd64"))
        self.assertTrue(is_of("made-up", "made-up"))
        self.assertFalse(is_of("amd64", "arm64"))
        self.assertFalse(is_of("amd64", "all"))
        self.assertFalse(is_of("amd64", ""))

    def test_as_dpkg(self) -> None:
        """Whatever dpkg takes for meant is meant, and nothing else is."""
        some = ("any", "linux", "hurd", "kfreebsd", "amd64", "arm", "i386", "mips64")
        words = [*some, "all", "armhf", "x32", "linux-amd64", "hurd-i386", "nonsense"]
        words += [f"{kernel}-{cpu}" for kernel, cpu in product(some, some)]
        more = product(("any", "gnu", "musl"), ("any", "linux"), some)
        words += ["-".join(parts) for parts in more]
        more = product(("any", "base", "eabihf"), ("any", "gnu"), ("any", "linux"))
        words += ["-".join((*parts, cpu)) for parts in more for cpu in ("any", "arm")]
        lines = subprocess.run(
            ["perl", "-e", ORACLE, *words], check=True, capture_output=True, text=True
        ).stdout.splitlines()
        known = lines.pop(0).split()
        self.assertGreater(len(known), 300)
        for line in lines:
            word, *meant = line.split()
            self.assertEqual(self.meant(word, *known), set(meant), word)
