"""What the scanner of 2005 did, on today's rooms."""
