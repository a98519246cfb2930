"""What did they tell us, and may they? The HTTP API and the partner gateway."""
