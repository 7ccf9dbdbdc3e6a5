"""The findings that were there before: known ones do not count where only new ones do."""
