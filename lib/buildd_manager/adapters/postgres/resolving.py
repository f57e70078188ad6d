"""Look up the hosts of a database, which libpq would make everybody wait for."""

import socket
from collections.abc import Iterator
from ipaddress import ip_address

from psycopg2 import OperationalError
from psycopg2.extensions import make_dsn

from buildd_manager.adapters.postgres.dsn import parsed_dsn


def has_names(dsn: str) -> bool:
    """Tell whether there is anything to look up."""
    words = parsed_dsn(dsn)
    hosts = words.get("host", "").split(",")
    return "hostaddr" not in words and any(_is_name(host) for host in hosts)


def resolved(dsn: str) -> str:
    """
    Put addresses beside the names of hosts; blocks.

    The names stay, as certificates and passwords are kept under them. A host that
    has several addresses is there several times, one that has none is not.

    :raises psycopg2.OperationalError: If no host is left.
    """
    words = parsed_dsn(dsn)
    hosts = words["host"].split(",")
    ports = words.get("port", "").split(",")
    if len(ports) == 1:
        ports *= len(hosts)
    found = [
        (host, address, port)
        for host, port in zip(hosts, ports, strict=False)
        for address in _addresses(host)
    ]
    if not found:
        raise OperationalError(f"there is no host {words['host']}")
    columns = [",".join(column) for column in zip(*found, strict=True)]
    return make_dsn(dsn, host=columns[0], hostaddr=columns[1], port=columns[2])


def _addresses(host: str) -> Iterator[str]:
    if not _is_name(host):
        yield ""  # libpq takes the host itself
        return
    try:
        told = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return
    yield from dict.fromkeys(str(address[0]) for *_, address in told)


def _is_name(host: str) -> bool:
    if not host or host.startswith(("/", "@")):
        return False
    try:
        ip_address(host)
    except ValueError:
        return True
    return False
