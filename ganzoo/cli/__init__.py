"""The commands: absl flags in, one call out."""
