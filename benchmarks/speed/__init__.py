"""How fast hilum is, how much memory it takes and how both grow: `make bench`, `python -m speed` (docs/speed.md)."""
