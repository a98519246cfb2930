"""`programmes.yaml`: what a household can have bought."""

from schemas.catalogue.parts import Part


class Programme(Part):
    """A programme's id and country."""

    country: str


class Programmes(Part):
    """`programmes.yaml`."""

    source: str
    programmes: dict[str, Programme]
