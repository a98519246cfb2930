"""The partition processor (DESIGN section 5): exactly once on aiokafka, driving one state machine per owned partition."""
