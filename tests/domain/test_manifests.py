"""What a ``.changes`` lists, and what there is."""

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.manifests import BadManifestError, check_manifest
from tests.bad_inputs import cases
from tests.manifests import DEB, good_manifest


FILES = {DEB.name: DEB}


class ManifestTests(SynchronousTestCase):
    """``check_manifest``."""

    good = good_manifest()

    def test_good(self) -> None:
        """What lists just what there is will do, with SHA-256 or without."""
        check_manifest(self.good, FILES)
        check_manifest(self.good.replace(b"-Sha256", b"-Sha1"), FILES)
        check_manifest(b"Files:\n", {})

    def test_bad(self) -> None:
        """Everything else is told by what is wrong with it."""
        for case in cases("results/manifests"):
            with self.assertRaises(BadManifestError, msg=str(case)) as raised:
                check_manifest(case.whole("changes"), FILES)
            told = str(raised.exception)
            self.assertIn(case["reason"], told, str(case))
            self.assertTrue(told.isprintable(), str(case))

    def test_missing(self) -> None:
        """Each file that came has to be there."""
        files: dict[str, StoredFile] = {**FILES, "y.deb": evolve(DEB, name="y.deb")}
        error = self.assertRaises(BadManifestError, check_manifest, self.good, files)
        self.assertEqual(str(error), "Files: y.deb is not in it")

    @given(st.data())
    def test_anything(self, data: st.DataObject) -> None:
        """Whatever is done to it, it will do, or it is told why not."""
        at = data.draw(st.integers(0, len(self.good)))
        skip = data.draw(st.integers(0, 40))
        new = data.draw(st.binary(max_size=40))
        try:
            check_manifest(self.good[:at] + new + self.good[at + skip :], FILES)
        except BadManifestError as error:
            self.assertTrue(str(error).isprintable())
