"""The pager's parts in the worker: the rosters first, then the Faust edge that reads `notices`."""

from mode import ServiceT

from schemas import topics
from schemas.catalogue import Catalogue
from services.pager.following import RosterFollower
from services.pager.metrics import PagerMetrics, RosterMetrics
from services.pager.recipients import Directory
from services.pager.rosters import Rosters
from services.pager.settings import PagerSettings
from services.pager.telling import POINTS, Means, Teller
from services.runtime.delivery import Deliverer, means_of
from services.runtime.edge.edge import Edges
from services.runtime.edge.publishing import Publisher
from services.runtime.exits import end_process
from services.runtime.hosting import Host, Part

GROUP = "pager"
MOST_OPEN = (
    20_000  # notices read and not delivered; only when a provider has been down for long is the topic left alone
)


def parts(settings: PagerSettings, catalogue: Catalogue) -> tuple[Part, Part]:
    """In the order they are started."""
    rosters = Rosters()

    def follower(hosted: Host) -> ServiceT:
        metrics = RosterMetrics(hosted.registry)
        metrics.roster.set_function(lambda: len(rosters))
        metrics.roster_unreadable.set_function(lambda: rosters.unreadable)
        return RosterFollower(settings, rosters, end=end_process)

    def notices(hosted: Host) -> ServiceT:
        edges = Edges.build(settings, clock=hosted.clock, health=hosted.health, registry=hosted.registry, points=POINTS)
        app = edges.app(GROUP, settle_within=1.0, most_out=MOST_OPEN)
        means = Means(
            directory=Directory(rosters, catalogue, settings.page_sink_url),
            deliverer=Deliverer(means_of(settings, settings.mail), hosted.clock),
            publisher=Publisher(app, settings.partitions, edges.end),
            metrics=PagerMetrics(hosted.registry),
            clock=hosted.clock,
            points=edges.points,
            end=edges.end,
        )
        teller = Teller(means)
        edges.listen(app, topics.NOTICES_TOPIC.name, teller.take)
        app.task(teller.run)
        return app

    return follower, notices
