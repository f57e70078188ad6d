"""Stand in for python-apt's ``apt_pkg``, made of python-debian."""


class Error(SystemError):
    """What python-debian expects of an apt_pkg that is no use to it."""


def init():
    """Have python-debian compare versions by itself."""
    raise Error("this is a stand-in")


def TagFile(file):  # noqa: N802 - python-apt's name
    """Read paragraphs."""
    from debian.deb822 import Deb822

    return Deb822.iter_paragraphs(file, use_apt_pkg=False)


def parse_depends(text):
    """Read relations: for each, its alternatives as name, version and operator."""
    from debian.deb822 import PkgRelation

    return [
        [
            (
                one["name"],
                *(reversed(one["version"]) if one.get("version") else ("", "")),
            )
            for one in alternatives
        ]
        for alternatives in PkgRelation.parse_relations(text)
    ]
