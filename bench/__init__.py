"""`make bench`: how fast it is, each measure as a ratio taken in one run."""
