"""Kinds of columns: what a batch holds besides numbers, how it is checked, drawn and asked for."""
