"""The questions, one file each. A file that is added here is a question of every door; nothing else has to
know of it.
"""
