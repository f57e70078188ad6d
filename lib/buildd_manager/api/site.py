"""The HTTP interface, put together."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

from twisted.web.resource import IResource
from twisted.web.server import Site

from buildd_manager.adapters.listening import dated_line
from buildd_manager.adapters.threads import Threads
from buildd_manager.api.bounding import BoundedRequest, Bounds
from buildd_manager.api.problems import Problems
from buildd_manager.api.rooms import Desk
from buildd_manager.api.routes import Entrance
from buildd_manager.api.submissions import Submissions
from buildd_manager.domain.audit import OPERATOR
from buildd_manager.ports import ILibrarian, Store


#: Seconds of silence after which a connection is closed.
PATIENCE = 60


def make_site(
    store: Store,
    librarian: ILibrarian,
    token: str,
    reactor: Any,
    changed: Callable[[], None],
    largest_submission: int,
    published: Callable[[], None] = lambda: None,
) -> Site:
    """
    Make the HTTP interface.

    :param token: The secret that whoever asks must know.
    :param changed: Called when there may be something new to do.
    :param largest_submission: Bytes of a source with its files, or of a chroot.
    :param published: Called when others have published packages.
    """
    threads = Threads(reactor)
    catalogue = store.catalogue.on_behalf_of(OPERATOR)
    queue = store.queue.on_behalf_of(OPERATOR)
    desk = Desk(
        catalogue=catalogue,
        queue=queue,
        audit=store.audit,
        librarian=librarian,
        submissions=Submissions(catalogue, queue, librarian, threads),
        threads=threads,
        changed=changed,
        published=published,
        problems=Problems(lambda: uuid4().hex[:12]),
    )
    bounds = Bounds(large=largest_submission)
    return bounded_site(Entrance(desk), token, reactor, bounds)


def bounded_site(pages: IResource, token: str, reactor: Any, bounds: Bounds) -> Site:
    """Serve ``pages`` to whoever knows the secret, within bounds."""
    site = Site(
        pages,
        requestFactory=partial(BoundedRequest, bounds, token, reactor),
        timeout=PATIENCE,
        logFormatter=dated_line,
        reactor=reactor,
    )
    site.noisy = False
    return site
