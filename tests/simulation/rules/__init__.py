"""What must never happen, whatever else does: each rule looks at one thing."""
