"""From what other programs wrote to what leadtime reads: nothing is lost in silence, and nothing is half written."""
