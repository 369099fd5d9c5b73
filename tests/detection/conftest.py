"""Beside `made_site.py`: pytest puts the folder of a conftest on the path, for all rooms."""
