"""A report on a model: data, scores, what it looks at, where it fails, on one page."""

from pronghorn.report.findings import Finding
from pronghorn.report.make import Report, check_path, make_report

__all__ = ["Finding", "Report", "check_path", "make_report"]
