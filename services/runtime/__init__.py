"""What every Sameroof process runs on; no rule of the domain lives here."""
