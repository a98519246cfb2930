"""Apache Kafka's jars in a cache shared by all checkouts of one user, made whole or not at all."""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local.missing import Missing

VERSION = "4.3.1"
JAVA_AT_LEAST = 17
_POM = Path(__file__).with_name("pom.xml")
_FETCH_SECONDS = 600


@dataclass(frozen=True)
class Jars:
    """What a node needs to start: the `java` to run, the class path, and the files that make its start fast."""

    java: str
    home: Path

    @property
    def class_path(self) -> str:
        """All jars, sorted: the class archive is only valid for exactly this string."""
        return os.pathsep.join(sorted(str(jar) for jar in (self.home / "libs").glob("*.jar")))

    @property
    def checkpoint(self) -> Path:
        """The formatted metadata log every new node starts from."""
        return self.home / "bootstrap.checkpoint"

    @property
    def archive(self) -> Path:
        """Java's shared class archive for this java; absent where java could not write one."""
        runtime = Path(self.java).resolve()
        modules = (runtime.parent.parent / "lib" / "modules").stat()
        name = hashlib.sha256(f"{runtime}:{modules.st_size}:{modules.st_mtime_ns}".encode()).hexdigest()[:12]
        return self.home / f"classes-{name}.jsa"


def cache_root() -> Path:
    """`${XDG_CACHE_HOME:-~/.cache}/sameroof`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sameroof"


def find_java() -> str:
    """The full path of a java that is new enough; raises Missing."""
    home = os.environ.get("JAVA_HOME")
    for path in (home and shutil.which(Path(home) / "bin" / "java"), shutil.which("java")):
        if path and java_version(path) >= JAVA_AT_LEAST:
            return path
    raise Missing(
        f"Java {JAVA_AT_LEAST} or newer", "apt-get install openjdk-17-jre-headless (macOS: brew install openjdk)"
    )


def java_version(java: str) -> int:
    """The major version this java reports, 0 when it cannot run."""
    asked = subprocess.run([java, "-version"], capture_output=True, text=True, check=False, timeout=20)
    found = re.search(r'version "(\d+)', asked.stderr)
    return int(found.group(1)) if found else 0


def fetched(root: Path) -> bool:
    """Whether the jars are in the cache already."""
    return (root / f"kafka-{VERSION}" / "libs").is_dir()


def fetch(root: Path, say: Callable[[str], None]) -> Jars:
    """The jars, fetched by Maven when the cache lacks them; raises Missing without Java, or without Maven and cache."""
    jars = Jars(find_java(), root / f"kafka-{VERSION}")
    root.mkdir(parents=True, exist_ok=True)
    with _lock(root / f"kafka-{VERSION}.lock"):
        if not fetched(root):
            say(f"Fetching Apache Kafka {VERSION} with Maven (44 MB, once) ...")
            _copy_dependencies(jars.home)
    return jars


def _copy_dependencies(home: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise Missing("Maven", "apt-get install maven (macOS: brew install maven)")
    for left in home.parent.glob(f"{home.name}.making-*"):  # of a fetch that was killed; we hold the lock
        shutil.rmtree(left)
    making = Path(tempfile.mkdtemp(prefix=f"{home.name}.making-", dir=home.parent))
    try:
        goal = ["dependency:copy-dependencies", f"-DoutputDirectory={making / 'libs'}", "-DincludeScope=runtime"]
        done = subprocess.run(
            [maven, "-q", "-B", "-ntp", "-C", "-f", str(_POM), *goal],
            capture_output=True, text=True, check=False, timeout=_FETCH_SECONDS,
        )  # fmt: skip
        if done.returncode != 0:
            raise Missing(
                f"Apache Kafka {VERSION}: Maven could not fetch it", "a network and Maven's settings", done.stdout
            )
        making.rename(home)
    finally:
        shutil.rmtree(making, ignore_errors=True)


@contextmanager
def making(path: Path) -> Iterator[Path | None]:
    """A scratch path that becomes `path` when the block ends well and it exists; None when somebody made it already."""
    with _lock(path.with_suffix(".lock")):
        if path.exists():
            yield None
            return
        scratch = path.with_name(f"{path.name}.making-{os.getpid()}")
        try:
            yield scratch
            if scratch.exists():
                scratch.rename(path)
        finally:
            scratch.unlink(missing_ok=True)


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    with path.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
