"""A .dsc, as dpkg-source writes it, and as somebody writes it who means harm."""

import hashlib
import subprocess
import time
from pathlib import Path

from debian.deb822 import Dsc
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.adapters.dsc import LARGEST_DSC, parse_dsc
from buildd_manager.domain.errors import InvalidError
from buildd_manager.domain.sources import ListedFile
from tests.bad_inputs import cases


SUM = hashlib.sha256(b"").hexdigest()

DSC = f"""\
Format: 1.0
Source: hello
Binary: hello
Architecture: any
Version: 2.10-5
Maintainer: Søren <s@example.org>
Checksums-Sha256:
 {SUM} 0 hello_2.10-5.tar.gz
Files:
 d41d8cd98f00b204e9800998ecf8427e 0 hello_2.10-5.tar.gz
"""

SIGNED = f"""\
-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA512

{DSC}
-----BEGIN PGP SIGNATURE-----

iQIzBAEBCgAdFiEE
-----END PGP SIGNATURE-----
"""

CONTROL = """\
Source: tiny
Section: devel
Maintainer: Nobody <nobody@example.org>
Standards-Version: 4.6.2

Package: tiny
Architecture: amd64 arm64
Description: one
 Two.

Package: tiny-doc
Architecture: all
Description: one
 Two.
"""

CHANGELOG = """\
tiny (1:2.0~rc1) unstable; urgency=low

  * One.

 -- Nobody <nobody@example.org>  Mon, 01 Jan 2024 00:00:00 +0000
"""


SUMS = "Checksums-Sha256"


@st.composite
def sources(draw: st.DrawFn) -> str:
    """Write a .dsc: any fields in any order, folded, signed or not."""
    name = draw(st.from_regex(r"\A[a-z0-9][a-z0-9+.-]{1,9}\Z"))
    version = draw(
        st.from_regex(r"\A([0-9]:)?[0-9][a-z0-9.+~]{0,5}(-[a-z0-9.]{1,3})?\Z")
    )
    word = st.sampled_from(["any", "all", "amd64", "linux-any", "any-arm"])
    fold = draw(st.sampled_from([" ", "\n ", "\n\t"]))
    numbers = draw(st.lists(st.integers(0, 2**40), min_size=1, max_size=4))
    files = [f" {SUM} {size} {name}_{at}.tar" for at, size in enumerate(numbers)]
    fields = [
        f"Source: {name}",
        f"Version:{draw(st.sampled_from(['', ' ', '  ']))}{version}",
        f"Architecture: {fold.join(draw(st.lists(word, min_size=1, max_size=3)))}",
        "\n".join([f"{SUMS}:", *files]),
        "Maintainer: Søren <s@example.org>",
        "X-Other: a: b",
    ]
    text = "\n".join(draw(st.permutations(fields))) + "\n"
    return SIGNED.replace(DSC, text) if draw(st.booleans()) else text


class ParseDscTests(SynchronousTestCase):
    """What is read, and what is refused."""

    def refused(self, text: str | bytes, field: str, said: str = "") -> None:
        data = text if isinstance(text, bytes) else text.encode()
        error = self.assertRaises(InvalidError, parse_dsc, "hello.dsc", data)
        self.assertEqual(error.field, field, str(error))
        self.assertIn(said, str(error))
        self.assertTrue(str(error).isprintable(), str(error))
        self.assertLess(len(str(error)), 600)

    def test_from_dpkg_source(self) -> None:
        """What dpkg-source writes is read, and its sums are those of the files."""
        base = Path(self.mktemp())
        debian = base / "tiny" / "debian"
        debian.mkdir(parents=True)
        for name, text in (
            ("control", CONTROL),
            ("changelog", CHANGELOG),
            ("rules", "#!/usr/bin/make -f\n"),
        ):
            (debian / name).write_text(text)
        command = ["dpkg-source", "--format=3.0 (native)", "--build", "tiny"]
        subprocess.run(command, cwd=base, check=True, capture_output=True)
        (path,) = base.glob("*.dsc")
        source = parse_dsc(path.name, path.read_bytes())
        self.assertEqual((source.name, source.version), ("tiny", "1:2.0~rc1"))
        self.assertEqual(set(source.hints), {"amd64", "arm64", "all"})
        self.assertEqual(source.section, "devel")
        (listed,) = source.files
        content = (base / listed.name).read_bytes()
        self.assertEqual(listed.size, len(content))
        self.assertEqual(listed.sha256, hashlib.sha256(content).hexdigest())

    def test_plain(self) -> None:
        """All that is needed is read; the rest is left alone."""
        source = parse_dsc("hello.dsc", DSC.encode())
        file = ListedFile(name="hello_2.10-5.tar.gz", size=0, sha256=SUM)
        self.assertEqual(source.files, (file,))
        self.assertEqual(source.hints, ("any",))

    def test_for_all(self) -> None:
        """A source may say where that is built which is for all architectures."""
        self.assertEqual(parse_dsc("hello.dsc", DSC.encode()).indep_hints, ())
        field = "Build-Indep-Architecture"
        source = parse_dsc("hello.dsc", f"{DSC}{field}: amd64 any-arm\n".encode())
        self.assertEqual(source.indep_hints, ("amd64", "any-arm"))
        self.refused(f"{DSC}{field}: $(id)\n", field)
        words = " ".join(f"a{number}" for number in range(501))
        self.refused(f"{DSC}{field}: {words}\n", field, "501")

    def test_section(self) -> None:
        """The section is the source's, else its first package's, else misc."""
        packages = "Package-List:\n de deb translations optional\n x deb libs extra\n"
        for more, section in (
            ("", "misc"),
            ("Section: contrib/libs\n", "contrib/libs"),
            (packages, "translations"),
            (f"{packages}Section: devel\n", "devel"),
            ("Package-List:\n de deb\n", "misc"),
            ("Package-List:\n de deb $(id) optional\n", "misc"),
            ("Package-List:\n", "misc"),
        ):
            source = parse_dsc("hello.dsc", (DSC + more).encode())
            self.assertEqual(source.section, section, more)
        for bad in ("$(id)", "a b", "x" * 64):
            self.refused(f"{DSC}Section: {bad}\n", "Section")

    def test_signed(self) -> None:
        """Armour makes no difference, nor do line ends of another system."""
        plain = parse_dsc("hello.dsc", DSC.encode())
        for text in (SIGNED, SIGNED.replace("\n", "\r\n")):
            self.assertEqual(parse_dsc("hello.dsc", text.encode()), plain)

    def test_armour(self) -> None:
        """Armour that does not end, or has something after it, is refused."""
        end = "-----END PGP SIGNATURE-----"
        for text in (
            SIGNED.partition("-----BEGIN PGP SIGNATURE")[0],
            SIGNED.replace(end, ""),
            SIGNED + "Source: other\n",
            f"{SIGNED}Source: other\n{end}\n",
            "-----BEGIN PGP SIGNED MESSAGE-----",
        ):
            self.refused(text, "hello.dsc", "armour")
        self.refused("Source: other\n" + SIGNED, "hello.dsc", "no field")

    def test_missing(self) -> None:
        """Each field that is needed is named when it is missing or empty."""
        for field in ("Source", "Version", "Architecture", "Checksums-Sha256"):
            self.refused(DSC.replace(f"{field}:", "X-Other:"), field, "missing")
        self.refused(DSC.replace("Source: hello", "Source: "), "Source", "missing")

    def test_bad_versions(self) -> None:
        """A version that policy does not know is refused."""
        for value in ("a", "1:", "x:1", "1_2", "1-", "1 2", "1/2", "1" * 300, "-1"):
            self.refused(DSC.replace("2.10-5\nM", f"{value}\nM"), "Version")

    def test_good_versions(self) -> None:
        """Epochs, hyphens and tildes are read."""
        for value in ("0", "1:2.0-3", "1.0-2-3", "2~rc1+dfsg-0.1~bpo12+1"):
            text = DSC.replace("Version: 2.10-5", f"Version: {value}")
            self.assertEqual(parse_dsc("hello.dsc", text.encode()).version, value)

    def test_bad(self) -> None:
        """What a stranger makes up is refused, and the field is named."""
        for case in cases("sources/dsc"):
            if case["door"] == "parser":
                self.refused(case.whole("dsc"), case["field"], case["says"])

    def test_too_large(self) -> None:
        """More than 1 MiB is not looked at."""
        self.refused(b"a" * (LARGEST_DSC + 1), "hello.dsc", "larger")

    def test_bad_names(self) -> None:
        """The file itself has a safe name that ends in .dsc."""
        for name in ("../x.dsc", "-x.dsc", "hello.tar", ".dsc"):
            self.assertRaises(InvalidError, parse_dsc, name, DSC.encode())

    @settings(max_examples=200, deadline=None)
    @given(sources())
    def test_as_debian_reads(self, text: str) -> None:
        """Debian's own library reads the same."""
        source = parse_dsc("hello.dsc", text.encode())
        read = Dsc(text)
        self.assertEqual(source.name, read["Source"])
        self.assertEqual(source.version, read["Version"])
        self.assertEqual(list(source.hints), read["Architecture"].split())
        self.assertEqual(
            [(one.sha256, str(one.size), one.name) for one in source.files],
            [(one["sha256"], one["size"], one["name"]) for one in read[SUMS]],
        )

    def test_slow_readers(self) -> None:
        """What makes careless parsers take minutes takes no time."""
        before = time.process_time()
        line = "a" * (LARGEST_DSC - 1)
        self.refused(line, "hello.dsc")
        self.refused(SIGNED.partition("iQ")[0] + "a\r\n" * 9999, "hello.dsc")
        self.refused("A:\n" * (LARGEST_DSC // 3), "a", "twice")
        self.refused(DSC.replace("2.10-5\nM", "1" + "-" * 2**19 + "\nM"), "Version")
        # Not a measure of speed: careless ones would need days.
        self.assertLess(time.process_time() - before, 60)

    @settings(max_examples=200, deadline=None)
    @given(st.data())
    def test_anything(self, data: st.DataObject) -> None:
        """Whatever is done to a .dsc, it is read, or refused as invalid."""
        text = data.draw(st.sampled_from((DSC.encode(), SIGNED.encode())))
        at = data.draw(st.integers(0, len(text)))
        skip = data.draw(st.integers(0, 40))
        changed = text[:at] + data.draw(st.binary(max_size=40)) + text[at + skip :]
        try:
            source = parse_dsc("hello.dsc", changed)
        except InvalidError as error:
            self.assertTrue(str(error).isprintable())
        else:
            self.assertTrue(all("/" not in file.name for file in source.files))
