"""The door of assistants: every question as a tool of the Model Context Protocol, with what the numbers rest on as
resources.
"""
