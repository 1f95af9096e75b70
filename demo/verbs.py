"""What the acts of this room are called in the trail."""

from django.utils.translation import gettext_lazy as _

from portal.trail.verbs import register

register({"demo.simulated": _("Loaded simulated data")})
