"""Words that nobody may see but the worker that needs them."""

import copy
import json
import pickle
import re
from base64 import b64encode, urlsafe_b64encode
from html import escape
from urllib.parse import quote

from attrs import asdict
from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.domain.errors import InvalidError
from buildd_manager.domain.secrets import (
    REDACTED,
    SHORTEST,
    Secret,
    check_secret,
    redact,
)
from buildd_manager.domain.sources_list import Line
from tests.bad_inputs import cases, text_of


WORD = "s3cr3t/w@rd"

#: Without the characters of :data:`REDACTED`, which may stand in any result.
words = st.text(
    st.characters(codec="utf-8", exclude_characters=REDACTED),
    min_size=SHORTEST,
    max_size=20,
)
anything = st.text(st.characters(codec="utf-8"), max_size=20)


class SecretTests(SynchronousTestCase):
    """A secret."""

    secret = Secret(WORD)

    def test_reveal(self) -> None:
        """Who asks for it is told."""
        self.assertEqual(self.secret.reveal(), WORD)

    def test_silence(self) -> None:
        """It shows itself in no other way."""
        shown = [f"{self.secret}", str(self.secret), repr(self.secret)]
        shown += [repr([self.secret]), str(asdict(Line("", self.secret)))]
        for text in shown:
            self.assertNotIn(WORD, text)
            self.assertIn("secret", text)
        self.assertFalse(hasattr(self.secret, "__dict__"))

    def test_not_written_down(self) -> None:
        """It is neither pickled nor made JSON of."""
        self.assertRaises(TypeError, json.dumps, {"x": self.secret})
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            self.assertRaises(TypeError, pickle.dumps, self.secret, protocol)

    def test_does_not_change(self) -> None:
        """It stays what it is, so a copy of it is itself."""
        self.assertRaises(AttributeError, setattr, self.secret, "_text", "x")
        self.assertIs(copy.copy(self.secret), self.secret)
        self.assertIs(copy.deepcopy([self.secret])[0], self.secret)

    def test_equality(self) -> None:
        """Secrets of the same text are the same; a text is none."""
        self.assertEqual(self.secret, Secret(WORD))
        self.assertEqual(hash(self.secret), hash(Secret(WORD)))
        self.assertNotEqual(self.secret, Secret("other"))
        self.assertNotEqual(self.secret, WORD)

    def test_empty(self) -> None:
        """Nothing is no secret."""
        self.assertRaises(InvalidError, Secret, "")

    def test_checked(self) -> None:
        """What cannot stand in an address is refused without being shown."""
        self.assertEqual(check_secret(WORD, "secret"), self.secret)
        for text in ("", "short", "with blanks", "line\nbreak", "pässword", "x" * 4097):
            error = self.assertRaises(InvalidError, check_secret, text, "secret")
            self.assertEqual(error.field, "secret")
            self.assertFalse(text and text in str(error))


class RedactTests(SynchronousTestCase):
    """A text that is made fit to be seen."""

    def test_nothing_to_hide(self) -> None:
        """Without secrets the text stays as it is."""
        self.assertEqual(redact("log", ()), "log")
        self.assertEqual(redact("log", [Secret(WORD)]), "log")

    def test_address(self) -> None:
        """In an address the secret is replaced, and nothing else."""
        url = f"deb https://buildd:{quote(WORD, safe='')}@host/ x main"
        hidden = "deb https://buildd:<redacted>@host/ x main"
        self.assertEqual(redact(url, [Secret(WORD)]), hidden)
        self.assertEqual(redact(url.lower(), [Secret(WORD)]), hidden)

    def test_prefix(self) -> None:
        """Of two secrets the longer one is replaced whole."""
        both = [Secret("secret"), Secret("secret-2")]
        self.assertEqual(redact("secret-2 secret", both), f"{REDACTED} {REDACTED}")

    def test_short(self) -> None:
        """A short one is looked for as it is, lest chance finds it in base64."""
        text = f"a {b64encode(b'x:a').decode()}"
        self.assertEqual(redact(text, [Secret("a")]), text.replace("a", REDACTED, 1))

    def test_everywhere(self) -> None:
        """Wherever a secret turns up in a log, it is replaced."""
        for case in cases("logs/secrets"):
            shown = redact(text_of(case["log"]), [Secret(case["secret"])])
            self.assertEqual(shown, text_of(case["shown"]), str(case))

    def test_cut(self) -> None:
        """
        A text that may begin in the midst of a secret is shown from its first blank on.

        Bad input L8.
        """
        secrets = [Secret(WORD)]
        for at in range(len(WORD)):
            shown = redact(f"{WORD[at:]}@host/ x", secrets, cut=True)
            self.assertEqual(shown, f"{REDACTED} x")
        self.assertEqual(redact(" x", secrets, cut=True), " x")
        self.assertEqual(redact("log of", (), cut=True), "log of")

    @given(anything, words, anything)
    def test_spellings(self, before: str, word: str, after: str) -> None:
        """No spelling of a secret is left over."""
        spellings = {
            word,
            quote(word),
            quote(word, safe=""),
            re.sub("%..", lambda match: match[0].lower(), quote(word, safe="")),
            escape(word),
        }
        for spelling in spellings:
            shown = redact(f"{before}{spelling}{after}", [Secret(word)])
            self.assertNotIn(spelling, shown)
            self.assertIn(REDACTED, shown)

    @given(anything, words, anything)
    def test_base64(self, before: str, word: str, after: str) -> None:
        """In base64 too little is left over to know the secret by."""
        around = f"{before}{word}{after}".encode()
        for encode in (b64encode, urlsafe_b64encode):
            self.assertIn(REDACTED, redact(encode(around).decode(), [Secret(word)]))
