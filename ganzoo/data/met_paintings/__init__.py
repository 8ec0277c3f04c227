"""168 public-domain paintings of The Metropolitan Museum of Art, the embedded data set (see NOTICE)."""
