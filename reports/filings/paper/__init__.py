"""A filing on paper: its tables with their legal marks, and the receipt."""
