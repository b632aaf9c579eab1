"""What someone brought: results in any known form, read into rows of model, test and score by one reader with one set
of messages.
"""
