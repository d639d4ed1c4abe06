"""How scenarios begin, and what happens in them."""
