"""A result or a comparison shown to people: in the terminal and as one offline HTML page."""
