"""What the reader sees: terminal tables, HTML report, overlay video, tables."""
