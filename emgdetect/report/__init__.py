"""Figures and tables → one self-contained page; the only home of jinja2."""

from emgdetect.report.batch import write_batch_report
from emgdetect.report.page import write_report

__all__ = ["write_batch_report", "write_report"]
