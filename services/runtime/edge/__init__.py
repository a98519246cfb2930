"""Faust at the edges, hardened: at least once with awaited deliveries, dead letters, and an end on a broken world (DESIGN section 6)."""
