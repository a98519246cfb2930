"""What is wrong with a field, in a sentence? One per kind of error, with the limit or the choices of our own schema, never the input."""

from collections.abc import Mapping

ANYTHING_ELSE = "has a wrong type or value"
SENTENCES: Mapping[str, str] = {
    "missing": "is missing",
    "string_type": "must be a text",
    "string_unicode": "must be a text in Unicode",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "may have at most {max_length} characters",
    "string_pattern_mismatch": "must match {pattern}",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a whole number, and a smaller one",
    "int_from_float": "must be a whole number",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "too_short": "must have at least {min_length} entries",
    "too_long": "may have at most {max_length} entries",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "enum": "must be one of {expected}",
    "literal_error": "must be one of {expected}",
    "blank": "must not be blank",
    "facts_type": "must be an object of a bounded number of names, each with a single answer",
    "free_words": "must be a code of small letters, digits and _, at most 64; free words belong in a note",
    "no_day": "must be a day that exists, as YYYY-MM-DD",
    "date_from_datetime_parsing": "must be a day that exists, as YYYY-MM-DD",
    "date_type": "must be a day that exists, as YYYY-MM-DD",
    "no_zone": "must be a time zone of IANA, such as Europe/Paris",
    "no_stretch": "must end after it begins, within a year, in the years 2000 to 2099",
    "not_in_our_time": "must start in the years 2000 to 2099",
    "named_twice": "must have a name of its own for each layer",
    "says_nothing": "must have presence, heartbeat_seconds or both",
    "no_instant": "must be an instant after RFC 3339 with a zone, in the years 1 to 9999",
    "not_a_uuid": "must be a UUID in lower case",
}


def sentence(kind: str, limits: Mapping[str, object]) -> str:
    """What is wrong, by pydantic's kind of error (or one of ours) and the limits of our schema that go with it."""
    return SENTENCES.get(kind, ANYTHING_ELSE).format_map(limits)
