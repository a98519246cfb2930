"""The closed lists of programme data (DOMAIN section 2): sources, sale, beneficiaries, conditions, exclusions."""

from enum import StrEnum


class Source(StrEnum):
    """Who says it: five articles (S0-S4), a default of ours (D), a public page read once (P), general knowledge (K)."""

    S0 = "S0"
    S1 = "S1"
    S2 = "S2"
    S3 = "S3"
    S4 = "S4"
    D = "D"
    P = "P"
    K = "K"

    @property
    def stated(self) -> bool:
        """Whether one of the articles states it."""
        return self.value.startswith("S")


class SaleState(StrEnum):
    """Whether it can be bought; whoever holds one in run-off keeps it."""

    ON_SALE = "on_sale"
    RUN_OFF = "run_off"
    FREE = "free"


class Scope(StrEnum):
    """Who benefits from one contract."""

    FAMILY_UNDER_ONE_ROOF = "family_under_one_roof"
    HOUSEHOLD = "household"
    PERSON = "person"
    EMPLOYEE = "employee"
    ANYBODY = "anybody"


class Condition(StrEnum):
    """What eligibility asks. The last three are asked when the contract is bought, the others at each harm."""

    PRIVATE_LIFE = "private_life"
    WORK_LINK = "work_link"
    SOCIAL_BUDGET = "social_budget"
    SUPPLEMENT = "supplement"
    PREMIUM_FORMULA = "premium_formula"
    MEMBER_OF_THE_SELLER = "member_of_the_seller"
    CYBER_CLAUSE = "cyber_clause"
    PAID_ANTIVIRUS = "paid_antivirus"


class ExclusionEffect(StrEnum):
    """What an exclusion takes away."""

    MONEY_ONLY = "money_only"
    SERVICE = "service"
    ALL = "all"
