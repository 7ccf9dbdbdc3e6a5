"""Redaction: what a text must lose before anybody reads it. Light to import, since every output passes here."""
