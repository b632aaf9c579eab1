"""The chart system: one theme, one meaning for each color, and every chart as a function of its data.

Loading this package loads no chart library; its modules do.
"""
