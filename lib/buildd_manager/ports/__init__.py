"""
The outside world as we would like it.

Every method that waits returns a Deferred, so that it can be chained, gathered and
cancelled. What goes wrong comes as an error of :mod:`buildd_manager.domain.errors`.
"""

from attrs import frozen

from buildd_manager.ports.audit import IAudit
from buildd_manager.ports.builds import IBuildStore, IUploadStore
from buildd_manager.ports.catalogue import ICatalogue
from buildd_manager.ports.files import IFileIndex, IIncomingFile, ILibrarian
from buildd_manager.ports.programs import IResetter, IUploader
from buildd_manager.ports.queue import IQueue
from buildd_manager.ports.workers import IReceiver, IWorker, IWorkerFactory


__all__ = [
    "IAudit",
    "IBuildStore",
    "ICatalogue",
    "IFileIndex",
    "IIncomingFile",
    "ILibrarian",
    "IQueue",
    "IReceiver",
    "IResetter",
    "IUploadStore",
    "IUploader",
    "IWorker",
    "IWorkerFactory",
    "Store",
]


@frozen(kw_only=True)
class Store:
    """All that is remembered: six ports on one database."""

    builds: IBuildStore
    uploads: IUploadStore
    catalogue: ICatalogue
    queue: IQueue
    files: IFileIndex
    audit: IAudit
