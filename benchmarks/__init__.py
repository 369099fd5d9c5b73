"""The open benchmark: this detector and its rivals on data anyone can get, scored the same way."""
