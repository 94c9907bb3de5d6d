"""The one ledger: what matters is written here, and anybody can prove that it was not altered since."""
