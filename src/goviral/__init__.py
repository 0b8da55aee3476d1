"""GoViral: long video in; short, captioned vertical clips out."""

__version__ = "0.1.0"
