"""What programs see and say, over HTTP."""
