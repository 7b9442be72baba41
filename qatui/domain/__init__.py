"""Pure types and rules of support quality: no input or output, no clock, no framework."""
