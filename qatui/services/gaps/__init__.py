"""Knowledge gaps: what the customer agent could not answer, grouped into topics."""
