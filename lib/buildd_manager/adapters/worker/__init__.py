"""launchpad-buildd, and its words made ours."""
