"""Pictures of answers: each function takes an answer, returns an altair chart and computes nothing."""
