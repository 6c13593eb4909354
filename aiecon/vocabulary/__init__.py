"""The nouns all questions share. No file access, no drawing."""
