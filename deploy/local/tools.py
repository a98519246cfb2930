"""Programs of the system that parts of Sameroof need; `make` never installs them, it says how. Standard library only."""

import shutil
from dataclasses import dataclass


@dataclass(frozen=True)
class Tool:
    """`programs`: names it goes by, best first. `strict`: CI must have it, elsewhere what needs it is skipped."""

    name: str
    programs: tuple[str, ...]
    needed_for: str
    remedy: str
    strict: bool = True

    def find(self) -> str | None:
        """Its full path, None when this machine lacks it."""
        return next((path for program in self.programs if (path := shutil.which(program))), None)


TOOLS = {
    tool.name: tool
    for tool in (
        Tool(
            "chromium",
            ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
            "the browser test of the board",
            "apt-get install chromium (macOS: brew install chromium)",
        ),
        Tool(
            "kubectl",
            ("kubectl",),
            "rendering deploy/k8s in tests",
            "the Kubernetes project's kubectl, 1.27 or newer (Debian's kubernetes-client is too old)",
            strict=False,
        ),
    )
}
