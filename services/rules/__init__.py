"""Pure decisions that several services share: catalogue look-up, triage, ids, clock arithmetic. Nothing here reads a clock or a network."""
