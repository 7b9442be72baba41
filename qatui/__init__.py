"""Support quality in the terminal: how well reps write, how the customer agent performs, what it could not answer."""

__version__ = "0.1.0"
