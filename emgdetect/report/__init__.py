"""Figures and tables → one self-contained page; the only home of jinja2."""

from emgdetect.report.batch import AboutBatch, write_batch_report
from emgdetect.report.page import write_report

__all__ = ["AboutBatch", "write_batch_report", "write_report"]
