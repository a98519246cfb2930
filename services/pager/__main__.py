"""`python -m services.pager`: tells people; any number of replicas share the partitions of `notices`."""

from schemas.topics import used_by
from services.pager.settings import PagerSettings
from services.pager.stream import parts
from services.runtime.hosting import agreement, host
from services.runtime.settings import load


def main() -> None:
    """Reads settings and catalogue, then runs until told to stop."""
    settings = load(PagerSettings)
    host("pager", settings, agreement(used_by("pager")), *parts(settings, settings.releases().own))


if __name__ == "__main__":
    main()
