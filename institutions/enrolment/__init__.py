"""How people come to act for an institution, and how they leave: invitations, applications, hand-over, idle accounts."""
