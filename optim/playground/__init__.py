"""One page to play with: rules, landscapes and a small network, in any browser."""
