"""From the filer to the signer: ready to sign, handed back, no longer ready because something changed."""
