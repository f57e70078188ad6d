"""What is remembered, in PostgreSQL."""
