"""What a build farm is: values and decisions, without I/O."""
