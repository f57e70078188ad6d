"""A real source package that is built within a second, or never."""

from pathlib import Path

from lab.commands import run


#: What there is in the source, besides a changelog.
FILES = {
    "debian/source/format": "3.0 (native)\n",
    "debian/control": """\
Source: nap
Section: misc
Priority: optional
Maintainer: Nap <nap@localhost>
Standards-Version: 4.6.2

Package: nap
Architecture: any
Description: nothing
 It has been built, and that is all.
""",
    "debian/rules": """\
#!/usr/bin/make -f
clean build-indep binary-indep:
build build-arch:
	sleep {seconds}
binary binary-arch:
	mkdir -p debian/tmp/DEBIAN
	dpkg-gencontrol
	dpkg-deb --root-owner-group --build debian/tmp ..
""",
    "debian/changelog": """\
nap ({version}) unstable; urgency=medium

  * Sleep.

 -- Nap <nap@localhost>  Thu, 01 Jan 2026 00:00:00 +0000
""",
}


def nap(directory: Path, version: str, seconds: int = 0) -> Path:
    """
    Make a source whose build sleeps; return its ``.dsc``.

    :param directory: Is made.
    """
    tree = directory / "nap"
    for name, text in FILES.items():
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.format(version=version, seconds=seconds))
    (tree / "debian" / "rules").chmod(0o755)
    run("dpkg-source", "--build", tree.name, directory=directory)
    return directory / f"nap_{version}.dsc"
