"""How fast hilum is, how much memory it takes, and how both grow: `make bench`, or `python -m speed` (docs/speed.md)."""
