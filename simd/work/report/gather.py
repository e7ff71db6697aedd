"""From one moment of the catalogue to a report as a value."""

from simd.work.report.order import Earlier, Gathered, Order, Wanted

__all__ = ["Earlier", "Gathered", "Order", "Wanted"]
