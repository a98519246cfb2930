"""The closed lists of the domain (DESIGN section 2, DOMAIN sections 1, 3 and 4): every code that travels is spelt here once."""

from enum import StrEnum


class Pillar(StrEnum):
    """One kind of help; each pillar has its own desks, topics and deployment."""

    TECHNICAL = "technical"
    LEGAL = "legal"
    FINANCIAL = "financial"
    PSYCHOLOGICAL = "psychological"


class Band(StrEnum):
    """Urgency, P0 first (DOMAIN section 3). Compares by urgency through `rank`."""

    P0 = "P0"
    P1 = "P1"
    P2 = "P2"
    P3 = "P3"

    @property
    def rank(self) -> int:
        """0 for P0 to 3 for P3: smaller is more urgent."""
        return int(self[1])

    def raised(self, steps: int = 1) -> "Band":
        """The band `steps` more urgent, never beyond P0."""
        return Band(f"P{max(0, self.rank - steps)}")


class Language(StrEnum):
    """The languages we speak with callers (DOMAIN section 7); others through an interpreter."""

    FR = "fr"
    NL = "nl"
    DE = "de"
    EN = "en"


class Signal(StrEnum):
    """A safety fact; sticky (DOMAIN section 4)."""

    SELF_HARM = "self_harm"
    MINOR = "minor"
    PHYSICAL_DANGER = "physical_danger"
    ADDRESS_EXPOSED = "address_exposed"
    ATTACKER_DEADLINE = "attacker_deadline"
    MONEY_LEAVING = "money_leaving"
    SAME_ROOF_OFFENDER = "same_roof_offender"
    CHILD_SEXUAL_CONTENT = "child_sexual_content"


class Role(StrEnum):
    """Who acts: the role of a bearer token, or a service of ours acting by the clock."""

    AGENT = "agent"
    RESPONDER = "responder"
    SUPERVISOR = "supervisor"
    OPERATOR = "operator"
    PARTNER = "partner"
    SERVICE = "service"


class Channel(StrEnum):
    """The door a report came through."""

    AGENT = "agent"
    PARTNER = "partner"


class Flag(StrEnum):
    """A remark on a report that was accepted all the same (RELIABILITY, Bad input), or on what a human has to do about it.

    `unread_fact`: an answer nobody can read counts as the worst. `ask_age_first`, `ask_self_harm_again`: what to ask at the
    first contact. `band_review`: the lead responder reviews the band once the first takedown is filed (DOMAIN section 3, R7).
    `legal_deadline`: the law sets a time limit on this kind of incident.
    """

    NAIVE_TIME = "naive_time"
    IMPOSSIBLE_TIME = "impossible_time"
    UNKNOWN_FIELD = "unknown_field"
    UNKNOWN_CODE = "unknown_code"
    UNKNOWN_SIGNAL = "unknown_signal"
    UNKNOWN_HOUSEHOLD = "unknown_household"
    NEEDS_HUMAN = "needs_human"
    UNREAD_FACT = "unread_fact"
    ASK_AGE_FIRST = "ask_age_first"
    ASK_SELF_HARM_AGAIN = "ask_self_harm_again"
    BAND_REVIEW = "band_review"
    LEGAL_DEADLINE = "legal_deadline"


class CaseState(StrEnum):
    """States of a case (DOMAIN section 1); `closed` and `merged` leave the open book."""

    RECEIVED = "received"
    TRIAGED = "triaged"
    DISPATCHED = "dispatched"
    STABILISED = "stabilised"
    RESOLVED = "resolved"
    FOLLOW_UP = "follow_up"
    CLOSED = "closed"
    REOPENED = "reopened"
    MERGED = "merged"


class TrackState(StrEnum):
    """States of one pillar's work (DOMAIN section 1)."""

    PENDING = "pending"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    ACTIVE = "active"
    WAITING_VICTIM = "waiting_victim"
    WAITING_THIRD_PARTY = "waiting_third_party"
    DONE = "done"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    NOT_COVERED_REFERRED = "not_covered_referred"


class ClockKind(StrEnum):
    """One promise on a track."""

    ACKNOWLEDGE = "acknowledge"
    FIRST_RESPONSE = "first_response"
    NEXT_CONTACT = "next_contact"
    RESOLVE = "resolve"
    MILESTONE = "milestone"


class ClockState(StrEnum):
    """Where one promise stands; `late` was breached, then kept; `withdrawn` fell away."""

    NOT_STARTED = "not_started"
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"
    LATE = "late"
    WITHDRAWN = "withdrawn"


class Holder(StrEnum):
    """Who uses the time of a track: whoever it waits for."""

    US = "us"
    VICTIM = "victim"
    THIRD_PARTY = "third_party"


class NoticeKind(StrEnum):
    """Why a human is told something; a `page` climbs until acknowledged. A `verification` brings a code that its recipient says back
    to prove that a contact method is theirs; a `drill` asks whether somebody is reached by one."""

    OFFER = "offer"
    REMINDER = "reminder"
    PAGE = "page"
    VERIFICATION = "verification"
    DRILL = "drill"


class LinkKind(StrEnum):
    """How two cases of one household have to do with each other."""

    RELATED = "related"
    REPEATED = "repeated"
    SPLIT = "split"
    MERGED = "merged"
    OPPOSITE_SIDES = "opposite_sides"


class Refusal(StrEnum):
    """Why a command was refused; the closed list behind HTTP 404, 409, 412 and 422."""

    NOT_FOUND = "not_found"
    SUPERSEDED = "superseded"
    ALREADY_TAKEN = "already_taken"
    OFFER_OVER = "offer_over"
    NOT_YOURS = "not_yours"
    NOT_ELIGIBLE = "not_eligible"
    WRONG_STATE = "wrong_state"
    STALE_VERSION = "stale_version"
    ID_CONFLICT = "id_conflict"
    SAME_CASE = "same_case"
    NOTHING_LEFT = "nothing_left"
    OTHER_HOUSEHOLD = "other_household"
    OPPOSITE_SIDES = "opposite_sides"
    SAFETY_SIGNAL_OPEN = "safety_signal_open"
    SAFETY_CHECK_NEEDED = "safety_check_needed"
    UNKNOWN_RELEASE = "unknown_release"


class Presence(StrEnum):
    """Whether a responder can be offered work: who is `busy` or in `wrap_up` after a call is asked only about what is urgent."""

    AVAILABLE = "available"
    BUSY = "busy"
    WRAP_UP = "wrap_up"
    AWAY = "away"


class Fluency(StrEnum):
    """How well a language is spoken; victims are served by who is native or certified (DOMAIN section 7)."""

    NATIVE = "native"
    CERTIFIED = "certified"
    WORKING = "working"


class Clearance(StrEnum):
    """What a responder may see: cases of minors, restricted cases (covert, or somebody at home)."""

    MINORS = "minors"
    RESTRICTED = "restricted"


class DeadReason(StrEnum):
    """Why a record ended as a dead letter; the same words are the HTTP problem types for bad bodies."""

    BROKEN_JSON = "broken_json"
    DUPLICATE_KEY = "duplicate_key"
    NOT_A_NUMBER = "not_a_number"
    WRONG_TYPE = "wrong_type"
    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    BROKEN_ENVELOPE = "broken_envelope"
    UNKNOWN_TYPE = "unknown_type"
    FALSE_SENDER = "false_sender"
    EMPTY_REPORT = "empty_report"
    ID_CONFLICT = "id_conflict"
    TOO_OLD = "too_old"
    HANDLER_FAILED = "handler_failed"
    KILLED_PROCESS = "killed_process"
