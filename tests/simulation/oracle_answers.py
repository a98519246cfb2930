"""I2 and I3 for whoever asks a desk: an acceptance taken is the only one, a refusal is true, what is refused changes nothing."""

from dataclasses import dataclass, field

from tests.simulation.boards import Change, Record, asked_of, desk_of, owner_of
from tests.simulation.ledger import OWNED, Ledger, SentCommand
from tests.simulation.told import Broken, Told

EFFECTS = frozenset({"progress", "notices"})


@dataclass(slots=True)
class Answers:
    """Judges what desks answer by what they had written down before, and after."""

    ledger: Ledger
    _accepted: set[str] = field(default_factory=set)
    _answered: set[str] = field(default_factory=set)

    def saw(self, commit: list[Told], change: Change) -> None:
        """One transaction of a desk."""
        rung = {str(told.data.get("offer_id")): told.data["recipient"] for told in commit if told.topic == "notices"}
        without_effect: set[str] = set()
        for told in commit:
            sent = self.ledger.commands.get(told.key) if told.topic == "outcomes" else None
            if sent is None:
                continue
            if told.fact == "refused" or sent.said.get("dry_run"):
                without_effect.add(told.key)
            first = told.key not in self._answered
            self._answered.add(told.key)
            if sent.verb == "accept" and told.fact == "done" and first:
                self._was_asked(sent, change, rung)
            elif sent.verb == "accept" and told.fact == "refused" and first:
                _is_true(sent, str(told.data["reason"]), change, commit)
        for told in commit:
            if told.topic in EFFECTS and told.cause in without_effect:
                raise Broken("I3", f"{told.cause} was refused or only tried, and {told.fact or told.topic} came of it")

    def _was_asked(self, sent: SentCommand, change: Change, rung: dict[str, str]) -> None:
        """Whoever accepted was being asked, by this very offer, and nobody accepted it before."""
        offer, who, track_id = sent.said["offer_id"], sent.responder, sent.said["track_id"]
        before = change.was(track_id)
        if asked_of(before).get(offer) != who and rung.get(offer) != who:
            raise Broken("I2", f"{who} accepted offer {offer} of track {track_id}, which was not open to them")
        if offer in self._accepted:
            raise Broken("I2", f"offer {offer} of track {track_id} was accepted twice")
        self._accepted.add(offer)


def _is_true(sent: SentCommand, reason: str, change: Change, commit: list[Told]) -> None:
    """A refusal names what was so before the transaction, came to be in it, or is so after it."""
    track_id, offer, who = sent.said["track_id"], sent.said["offer_id"], sent.responder
    seen = (change.was(track_id), change.board.tracks.get(track_id))
    if all(_is_open(one, offer, who, sent.said["desk_id"]) for one in seen):
        raise Broken("I2", f"{who} accepted offer {offer}, which is open to them, and was refused: {reason}")
    had = {
        told.data["responder_id"]
        for told in commit
        if told.topic == "progress" and told.fact in {"accepted", "done"} and told.data["track_id"] == track_id
    }
    had.update(str(owner_of(one)) for one in seen if owner_of(one) is not None)
    if reason == "already_taken" and not had - {who}:
        raise Broken("I2", f"{who} was told that somebody has track {track_id}, and nobody does")
    if reason == "superseded" and all(
        one is not None and one["state"] != "withdrawn" and desk_of(one) == sent.said["desk_id"] for one in seen
    ):
        raise Broken("I2", f"{who} was told that track {track_id} has left {sent.said['desk_id']}, and it has not")
    taken = all(one is not None and one["state"] in OWNED and owner_of(one) != who for one in seen)
    if reason == "offer_over" and taken and owner_of(seen[0]) == owner_of(seen[1]) and who not in had:
        raise Broken("I2", f"{who} was told that offer {offer} is over, and not that somebody has track {track_id}")


def _is_open(track: Record | None, offer: str, who: str | None, desk: str) -> bool:
    return track is not None and desk_of(track) == desk and asked_of(track).get(offer) == who
