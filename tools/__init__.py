"""Tools of the project's developers: publishing weights, scoring cards, comparing two versions bit by bit."""
