"""Tables about libraries, as data: what a name is known to do. No logic beyond reading them."""
