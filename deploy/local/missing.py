"""What a person has to install before a part of the local stack can run."""


class Missing(Exception):
    """A part this machine lacks: what, how to get it, and the last lines of the tool that said so."""

    def __init__(self, what: str, remedy: str, said: str = "") -> None:
        tail = "".join(f"\n    {line}" for line in said.strip().splitlines()[-8:])
        super().__init__(f"{what} - get it with: {remedy}{tail}")
        self.what = what
        self.remedy = remedy


class Away(Missing):
    """A part that exists and does not answer: what, and what to do about it."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what, remedy)
        self.args = (f"{what} does not answer: {remedy}.",)
