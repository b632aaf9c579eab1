"""What publishers published since, as a proposal for a person to confirm: nothing enters the built-in tables
by itself.
"""
