"""Paths as reports write them to the tracked files that they mean, before anything is joined, scoped or waived."""

from __future__ import annotations

from deliverygate.judging.placing.moving import place_scan
from deliverygate.judging.placing.sight import Sight
from deliverygate.judging.placing.tree import Tree

__all__ = ["Sight", "Tree", "place_scan"]
