"""Which articles share copy: candidates by keys, crowds and boilerplate, and the links that hold."""
