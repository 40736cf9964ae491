"""Published results made again: our numbers beside theirs, with a verdict on each."""
