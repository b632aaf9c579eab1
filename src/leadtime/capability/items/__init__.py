"""Ability from single items: response matrices in, item curves and abilities with errors out."""
