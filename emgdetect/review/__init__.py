"""`emgdetect review`: a local page to look at the detections, to correct and to complete them."""

from emgdetect.review.server import serve

__all__ = ["serve"]
