"""The web page and the HTTP API of an index: `dedup serve`. Needs the extra `serve`."""
