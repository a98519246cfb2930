"""`python -m services.intake api` or `python -m services.intake gateway`: two processes of one image."""

import sys
from uuid import uuid4

from services.runtime.hosting import host
from services.runtime.settings import load

USAGE = "usage: python -m services.intake api|gateway"


def main(arguments: list[str]) -> None:
    """Runs the process named, until told to stop."""
    if arguments == ["gateway"]:
        from services.intake.gateway import main as gateway  # noqa: PLC0415 - the API needs none of it

        gateway()
    elif arguments == ["api"]:
        api()
    else:
        print(USAGE, file=sys.stderr)
        raise SystemExit(2)


def api() -> None:
    """The HTTP API."""
    from services.intake.serving import ApiService  # noqa: PLC0415 - the gateway needs none of it
    from services.intake.settings import ApiSettings  # noqa: PLC0415 - the same

    settings = load(ApiSettings)
    host("intake", settings, lambda hosted: ApiService(hosted, settings, lambda: str(uuid4())))


if __name__ == "__main__":
    main(sys.argv[1:])
