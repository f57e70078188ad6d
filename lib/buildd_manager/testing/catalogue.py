"""The farm's furniture, in memory."""

from attrs import frozen
from zope.interface import implementer

from buildd_manager.ports import ICatalogue
from buildd_manager.testing.builders import Builders
from buildd_manager.testing.series import AllSeries


@implementer(ICatalogue)
@frozen
class MemoryCatalogue(AllSeries, Builders):
    """What people put into a farm, in memory."""

    def on_behalf_of(self, who: str) -> ICatalogue:
        return MemoryCatalogue(self.rows, who)
