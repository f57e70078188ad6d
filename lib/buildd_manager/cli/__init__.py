"""What people see and say, in a terminal."""
