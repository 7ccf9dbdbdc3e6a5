"""Redaction: what a text must lose before anybody reads it. Standard library only, so that every module may ask."""

from deliverygate.redaction.cleaning import clean
from deliverygate.redaction.redactor import MARK, Redactor

__all__ = ["MARK", "Redactor", "clean"]
