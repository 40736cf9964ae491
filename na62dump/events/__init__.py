"""What the detector recorded: one table of columns, and all reading and writing of ROOT files."""
