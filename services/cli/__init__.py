"""The `sameroof` command."""
