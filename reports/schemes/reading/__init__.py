"""How one typed, pasted or uploaded value is read. The contract is in reports/schemes/values.py."""
