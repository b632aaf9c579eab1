"""The web door: pages and an API over the same answers as the command line. It parses, asks and shows; no analysis is
here.
"""
