"""Files and stores read into the vocabulary, checked once at the door."""
