"""One file per question: inputs, a function, an answer."""
