"""Versions, and what a build waits for."""

import subprocess
from itertools import pairwise, product

from debian.deb822 import PkgRelation
from debian.debian_support import NativeVersion
from hypothesis import assume, given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.domain.dependencies import (
    LONGEST,
    MOST,
    Expression,
    Relation,
    UnparsableDependenciesError,
    parse,
    unmet,
)
from buildd_manager.domain.errors import InvalidError
from buildd_manager.domain.versions import OPERATORS, check_version, compare, newer
from tests.domain.test_catalogue import Refusals


#: Has dpkg compare each version with each.
ORACLE = """
use Dpkg::Version qw(version_compare);
for my $one (@ARGV) { print version_compare($one, $_), "\\n" for @ARGV; }
"""

#: Short and of few letters, so that two of them are often nearly the same.
_upstream = st.from_regex(r"\A[0-2a](?:[0-2a.+~-]{0,5}[0-2a.+~])?\Z")
_epoch = st.sampled_from(["", "", "0:", "1:", "00:"])
_revision = st.just("") | st.from_regex(r"\A-[0-2a.+~]{1,3}\Z")
versions = st.tuples(_epoch, _upstream, _revision).map("".join)

#: Of what expressions are made; what is made of some may be one.
pieces = st.sampled_from(
    [
        *("a", "b:any", "c (>= 1)", "d(<<2-1~)", "e ( = 1:0 )", "f (> 1)"),
        *("(", ")", ">=", ", ", "|", " | ", ",", " ", "\n "),
    ]
)

#: Old operators are read as what they have come to mean.
MODERN = {"<": "<<", ">": ">>"}

names = st.sampled_from(["a", "b", "libc6", "g++", "python3:any"])
relations = st.builds(Relation, names) | st.builds(
    Relation, names, st.sampled_from(list(OPERATORS)), versions
)
expressions = st.builds(
    Expression,
    st.lists(st.lists(relations, min_size=1, max_size=3).map(tuple), max_size=4).map(
        tuple
    ),
)
shelves = st.dictionaries(
    st.sampled_from(["a", "b", "libc6", "g++", "python3"]),
    st.lists(versions, max_size=2),
)


def sign(number: int) -> int:
    """Tell which side of 0 a number is on."""
    return (number > 0) - (number < 0)


class VersionTests(Refusals):
    """Which version is newer."""

    def test_order(self) -> None:
        """Versions come in Debian's order."""
        order = (
            "1~~",
            "1~~a",
            "1~",
            "1",
            "1-1~",
            "1-1",
            "1.0a",
            "1.0+",
            "1.00.1",
            "0:2",
        )
        for one, other in pairwise((*order, "1:0")):
            self.assertTrue(newer(other, one))
            self.assertFalse(newer(one, other))

    def test_same(self) -> None:
        """The same version may be written in several ways."""
        for other in ("0:1.0", "1.00", "1.0-0", "1.0"):
            self.assertEqual(compare("1.0", other), 0)
            self.assertFalse(newer("1.0", other))

    def test_bad(self) -> None:
        """What dpkg could not compare is refused."""
        for text in (
            "",
            "-1",
            "1-",
            "~1",
            ":1",
            "x:1",
            "1:",
            "1:2:3",
            "1 2",
            "1\n",
            "${binary:Version}",
            "1é",
            "\N{ARABIC-INDIC DIGIT ONE}",
            "9999999999:1",
            "1" * 256,
        ):
            self.refused("version", check_version, text, "version")
            self.assertRaises(InvalidError, compare, "1", text)
        self.assertEqual(check_version("1:1.0-2~", "version"), "1:1.0-2~")

    @given(versions, versions)
    def test_oracle(self, one: str, other: str) -> None:
        """Debian's own library agrees."""
        oracle = NativeVersion(one)
        expected = (oracle > NativeVersion(other)) - (oracle < NativeVersion(other))
        self.assertEqual(sign(compare(one, other)), expected)

    def test_as_dpkg(self) -> None:
        """So does dpkg, of versions of every kind."""
        some = ("0", "1", "1.0", "1.00", "1.0a", "1.a", "1.1", "10", "1.0+b1")
        more = ("~1", "~", "~~", "~a", "-0", "-1", "-1~", "-0.1", "-a", "-1-1", "+")
        known = [*some, *(f"{one}{end}" for one in ("1", "1.0") for end in more)]
        known += [f"{epoch}:{one}" for epoch in ("0", "1", "01") for one in some]
        said = subprocess.run(
            ["perl", "-e", ORACLE, *known], check=True, capture_output=True, text=True
        ).stdout.split()
        ours = [str(sign(compare(*pair))) for pair in product(known, known)]
        self.assertEqual(ours, said)

    @given(versions, versions, versions)
    def test_law(self, one: str, other: str, third: str) -> None:
        """It is an order: of any two one is newer or they are the same."""
        self.assertEqual(sign(compare(one, other)), -sign(compare(other, one)))
        if compare(one, other) >= 0 and compare(other, third) >= 0:
            self.assertGreaterEqual(compare(one, third), 0)


class ParseTests(SynchronousTestCase):
    """What a worker says is missing."""

    def test_good(self) -> None:
        """Commas join what must be there, bars what may stand for each other."""
        self.assertEqual(
            parse("a (>= 1:1.0~), b|c (<<2),\n python3:any ( = 3-1 )"),
            Expression(
                (
                    (Relation("a", ">=", "1:1.0~"),),
                    (Relation("b"), Relation("c", "<<", "2")),
                    (Relation("python3:any", "=", "3-1"),),
                )
            ),
        )

    def test_nothing(self) -> None:
        """Nothing is missing from an empty text."""
        self.assertEqual(parse(" "), Expression())
        self.assertEqual(str(Expression()), "")

    def test_old_operators(self) -> None:
        """The old signs mean what they say, and are written anew."""
        self.assertEqual(str(parse("a (< 1), b (> 1)")), "a (<< 1), b (>> 1)")

    def test_bad(self) -> None:
        """What is not written as dependencies are is refused, in one line."""
        for text in (
            "(>> version)",
            "name (>>)",
            "name1 name2",
            "name (= version",
            "name )= version(",
            "name (>= version) | name2 (",
            "a,",
            ",",
            "a | | b",
            "a (!= 1)",
            "a (>= 1) (<< 2)",
            "a (>= ${binary:Version})",
            "a [amd64]",
            "a <!nocheck>",
            "-a",
            "A",
            "a\0",
            "é",
            "<b>a</b>",
            "a" * (LONGEST + 1),
            ", ".join(["a"] * (MOST + 1)),
        ):
            error = self.assertRaises(UnparsableDependenciesError, parse, text)
            self.assertTrue(str(error).isprintable())
            self.assertLess(len(str(error)), 1000)

    def test_most(self) -> None:
        """What is just within bounds is read."""
        self.assertEqual(len(parse(",".join(["a"] * MOST)).groups), MOST)

    @given(expressions)
    def test_read_back(self, expression: Expression) -> None:
        """What was written is read back as it was."""
        self.assertEqual(parse(str(expression)), expression)

    @given(expressions)
    def test_oracle(self, expression: Expression) -> None:
        """Debian's own library reads the same."""
        assume(expression.groups)
        read = PkgRelation.parse_relations(str(expression))
        expected = [[(one["name"], one["version"]) for one in group] for group in read]
        ours = [
            [
                (one.package, one.version and (one.operator, one.version))
                for one in group
            ]
            for group in expression.groups
        ]
        self.assertEqual(ours, expected)

    @given(st.lists(pieces, max_size=12).map("".join))
    def test_as_debian_reads(self, text: str) -> None:
        """What is read here is read just so by Debian's own library."""
        try:
            ours = parse(text)
        except UnparsableDependenciesError:
            return
        read = PkgRelation.parse_relations(text) if text.strip() else []
        for group, theirs in zip(ours.groups, read, strict=True):
            for one, other in zip(group, theirs, strict=True):
                name = f"{other['name']}:{other['archqual'] or ''}".rstrip(":")
                said = Relation(name)
                if other["version"] is not None:
                    operator, version = other["version"]
                    said = Relation(name, MODERN.get(operator, operator), version)
                self.assertEqual(one, said)

    @given(st.text("ab1 ,|()<>=:~-", max_size=12))
    def test_any_text(self, text: str) -> None:
        """Any text is read, and written so that it stays, or is refused."""
        try:
            read = parse(text)
        except UnparsableDependenciesError:
            return
        self.assertEqual(parse(str(read)), read)


class UnmetTests(SynchronousTestCase):
    """What is still missing."""

    def left(self, text: str, **shelf: list[str]) -> str:
        """Write down what is left of an expression."""
        return str(unmet(parse(text), lambda name: shelf.get(name, [])))

    def test_any_version(self) -> None:
        """Without a version, any will do."""
        self.assertEqual(self.left("a", a=["0"]), "")
        self.assertEqual(self.left("a", b=["0"]), "a")
        self.assertEqual(self.left("a:any", a=["0"]), "")

    def test_operators(self) -> None:
        """With one, one that compares to it as was asked for."""
        rows = {"<<": "1", "<=": "1 2", "=": "2", ">=": "2 3", ">>": "3"}
        for sign_, good in rows.items():
            for version in ("1", "2", "3"):
                left = self.left(f"a ({sign_} 2)", a=[version])
                self.assertEqual(left == "", version in good)

    def test_not_only_the_newest(self) -> None:
        """An older version that is still there will do."""
        self.assertEqual(self.left("a (<< 2)", a=["3", "1"]), "")

    def test_strange_versions(self) -> None:
        """What is published with a strange version is there, but nobody knows which."""
        self.assertEqual(self.left("a", a=["?"]), "")
        self.assertEqual(self.left("a (>= 0)", a=["?"]), "a (>= 0)")
        self.assertEqual(self.left("a (>= 0)", a=["?", "1"]), "")

    def test_groups(self) -> None:
        """Whole groups are left out, others stay as they were."""
        text = "a (>= 2) | b, c | d (= 1), e"
        self.assertEqual(self.left(text, a=["1"], d=["1"]), "a (>= 2) | b, e")
        self.assertEqual(self.left(text, a=["2"], c=["1"], e=["1"]), "")

    def test_names(self) -> None:
        """The names of all packages are known, to ask for them at once."""
        names = parse("a (>= 2) | b, c:any, b").names
        self.assertEqual(names, frozenset({"a", "b", "c"}))

    @given(expressions, shelves)
    def test_law(self, expression: Expression, shelf: dict[str, list[str]]) -> None:
        """What is left is missing, what is not is there; a second look is the same."""
        left = unmet(expression, lambda name: shelf.get(name, []))
        for group in expression.groups:
            there = any(one.is_met(shelf.get(one.package, [])) for one in group)
            self.assertEqual(group in left.groups, not there)
        self.assertEqual(unmet(left, lambda name: shelf.get(name, [])), left)

    @given(expressions, shelves, shelves)
    def test_monotone(
        self,
        expression: Expression,
        shelf: dict[str, list[str]],
        more: dict[str, list[str]],
    ) -> None:
        """Nothing becomes missing because something was published."""
        left = unmet(expression, lambda name: shelf.get(name, []))
        both = unmet(expression, lambda n: [*shelf.get(n, []), *more.get(n, [])])
        self.assertLessEqual(set(both.groups), set(left.groups))
