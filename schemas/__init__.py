"""The contract between services: topics, messages, catalogue data. Imports pydantic (and yaml for the catalogue) and nothing of ours."""
