"""The outcome rules and performance figures, by worked examples and against a second evaluation."""
