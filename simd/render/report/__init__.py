"""Reports in their forms: a page, JSON, CSV, and a summary in words."""

from simd.render.report.document import write_json
from simd.render.report.page import write_page
from simd.render.report.rows import CsvWriter, write_csv
from simd.render.report.summary import summary

__all__ = ["CsvWriter", "summary", "write_csv", "write_json", "write_page"]
