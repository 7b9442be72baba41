"""The embedded judge: a linear and tree model over words, cues and the structure of the conversation."""
