"""What was found, as files that other programs open."""

from emgdetect.writers.annotations import identity_of, write_annotations
from emgdetect.writers.atomic import replacing, write_text
from emgdetect.writers.bids import write_bids_derivative
from emgdetect.writers.cells import safe_cell, safe_text
from emgdetect.writers.edf import truth_beside, write_edf, write_simulated
from emgdetect.writers.edf_records import expect_whole_records
from emgdetect.writers.provenance import write_provenance
from emgdetect.writers.settings import config_from_toml, config_to_toml
from emgdetect.writers.sites import write_site_table
from emgdetect.writers.tables import write_side_car, write_table, write_tables

__all__ = [
    "config_from_toml",
    "config_to_toml",
    "expect_whole_records",
    "identity_of",
    "replacing",
    "safe_cell",
    "safe_text",
    "truth_beside",
    "write_annotations",
    "write_bids_derivative",
    "write_edf",
    "write_provenance",
    "write_side_car",
    "write_simulated",
    "write_site_table",
    "write_table",
    "write_tables",
    "write_text",
]
