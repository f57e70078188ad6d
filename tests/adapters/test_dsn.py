"""Addresses of databases say how connections to them behave."""

import os
import socket
from typing import Any

from psycopg2 import OperationalError
from psycopg2.extensions import parse_dsn
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.adapters.postgres.dsn import connection_dsn
from buildd_manager.adapters.postgres.resolving import has_names, resolved
from buildd_manager.domain.errors import StartError


class ConnectionDsnTests(SynchronousTestCase):
    """Our words and the operator's go together."""

    def setUp(self) -> None:
        os.environ.pop("PGOPTIONS", None)

    def test_limits_are_options(self) -> None:
        """The limits in milliseconds become options of the session."""
        dsn = connection_dsn(
            "dbname=farm",
            application_name="bob",
            statement_timeout_ms=1,
            lock_timeout_ms=2,
            idle_in_transaction_ms=3,
        )
        self.assertEqual(
            parse_dsn(dsn)["options"],
            "-c statement_timeout=1 -c lock_timeout=2"
            " -c idle_in_transaction_session_timeout=3",
        )

    def test_uri(self) -> None:
        """A URI is taken like key=value words, whatever its password contains."""
        dsn = connection_dsn(
            "postgresql://bob:p%40s%20s'@db.invalid:5433/farm?sslmode=require",
            application_name="bob",
        )
        words = parse_dsn(dsn)
        self.assertEqual(words["password"], "p@s s'")
        self.assertEqual(
            (words["host"], words["port"], words["dbname"], words["sslmode"]),
            ("db.invalid", "5433", "farm", "require"),
        )

    def test_operator_goes_before_limits(self) -> None:
        """The operator's options come after ours, so the server obeys them."""
        dsn = connection_dsn(
            "dbname=farm options='-c statement_timeout=7'", application_name="bob"
        )
        self.assertTrue(parse_dsn(dsn)["options"].endswith("-c statement_timeout=7"))

    def test_environment_is_kept(self) -> None:
        """Options in the environment would be overruled, so they are repeated."""
        self.patch(os, "environ", {"PGOPTIONS": "-c work_mem=1MB"})
        dsn = connection_dsn("dbname=farm", application_name="bob")
        self.assertIn("-c work_mem=1MB", parse_dsn(dsn)["options"])

    def test_role_goes_before_everything(self) -> None:
        """The role comes last, and may contain what options are parted by."""
        dsn = connection_dsn(
            "options='-c role=root'", role="fi era\\", application_name="bob"
        )
        self.assertTrue(parse_dsn(dsn)["options"].endswith(r" -c role=fi\ era\\"))

    def test_operator_tunes_the_network(self) -> None:
        """A vanished server is noticed after the operator's time, if there is one."""
        dsn = connection_dsn("tcp_user_timeout=5", application_name="bob")
        words = parse_dsn(dsn)
        self.assertEqual(words["tcp_user_timeout"], "5")
        self.assertEqual(words["keepalives_idle"], "15")

    def test_nonsense(self) -> None:
        """What libpq does not understand is refused without being repeated."""
        with self.assertRaises(StartError) as caught:
            connection_dsn("passwrd=hunter2", application_name="bob")
        self.assertNotIn("hunter2", str(caught.exception))


class ResolvingTests(SynchronousTestCase):
    """Names of hosts get addresses before libpq sees them."""

    def setUp(self) -> None:
        known = {"db.invalid": ["192.0.2.1", "2001:db8::1"], "b.invalid": ["192.0.2.2"]}

        def look_up(host: str, *_: object, **__: object) -> list[Any]:
            if host not in known:
                raise socket.gaierror
            return [(0, 0, 0, "", (address, 0)) for address in known[host]]

        self.patch(socket, "getaddrinfo", look_up)

    def test_nothing_to_look_up(self) -> None:
        """Sockets and addresses are not looked up, nor what has been."""
        for dsn in (
            "dbname=farm",
            "host=/run/postgresql,@abstract",
            "host=192.0.2.1,::1",
            "host=db.invalid hostaddr=192.0.2.1",
        ):
            self.assertFalse(has_names(dsn), dsn)
        self.assertTrue(has_names("host=/run/postgresql,db.invalid"))

    def test_all_addresses(self) -> None:
        """Each address of each host has its turn, at the host's port."""
        words = parse_dsn(resolved("host=db.invalid,/run,b.invalid port=1,2,3"))
        self.assertEqual(words["host"], "db.invalid,db.invalid,/run,b.invalid")
        self.assertEqual(words["hostaddr"], "192.0.2.1,2001:db8::1,,192.0.2.2")
        self.assertEqual(words["port"], "1,1,2,3")

    def test_one_port(self) -> None:
        """One port is for all hosts, and none stays none."""
        self.assertEqual(parse_dsn(resolved("host=db.invalid port=7"))["port"], "7,7")
        self.assertEqual(parse_dsn(resolved("host=b.invalid"))["hostaddr"], "192.0.2.2")

    def test_unknown(self) -> None:
        """A host that is unknown is left out, unless it is the only one."""
        words = parse_dsn(resolved("host=nowhere.invalid,b.invalid"))
        self.assertEqual(words["host"], "b.invalid")
        with self.assertRaises(OperationalError):
            resolved("host=nowhere.invalid")
