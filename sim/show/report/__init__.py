"""One self-contained HTML page a study, with plotly's charts."""
