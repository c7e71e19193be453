"""Features that can be turned off for some people: the rules, and the OpenFeature provider that reads them."""
