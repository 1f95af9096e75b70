"""Documents on paper: HTML of ours becomes a PDF in a bounded program that reaches neither the network nor our secrets."""
