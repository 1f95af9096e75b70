"""Who reports and who reviews: bureaus, regions, institutions with their certificates and sites, people."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from django.utils.translation import get_language, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from institutions.models_grants import BureauGroupObjectPermission as BureauGroupObjectPermission
from institutions.models_grants import BureauUserObjectPermission as BureauUserObjectPermission
from institutions.models_grants import Grant as Grant
from institutions.models_grants import InstitutionUserObjectPermission as InstitutionUserObjectPermission
from institutions.people import UserManager
from institutions.queries import BureauQuerySet, InstitutionQuerySet, MembershipQuerySet, TreeOrder
from institutions.roles import ADMIN_ROLES, INSTITUTION_ROLES, PERMISSIONS, Permission, Role
from institutions.words import named_stand_in


def in_reader_language(zh: str, en: str) -> str:
    """The Chinese or English of a pair, by the active language; Chinese where no English was given."""
    return en if en and (get_language() or "").startswith("en") else zh


class Tier(models.TextChoices):
    PROVINCE = "province", pgettext_lazy("tier", "Province")
    PREFECTURE = "prefecture", pgettext_lazy("tier", "Prefecture")
    COUNTY = "county", pgettext_lazy("tier", "County")


class Bureau(models.Model):
    """A node of the authority tree. `path` is the ids from the root, "1/4/27/"; a scope is a prefix of it.

    Only `institutions.bureaus.create_bureau` and `move_bureau` write `path`.
    """

    code = models.CharField(max_length=12, unique=True)
    name_zh = models.CharField(max_length=100)
    name_en = models.CharField(max_length=100, blank=True)
    tier = models.CharField(max_length=12, choices=Tier.choices)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    path = models.CharField(max_length=100, unique=True, null=True)
    region_code = models.CharField(max_length=6, blank=True)
    phone = models.CharField(max_length=40, blank=True)

    objects = BureauQuerySet.as_manager()

    class Meta:
        ordering = [TreeOrder("path")]
        constraints = [
            models.CheckConstraint(condition=Q(path__regex=r"^(\d+/)+$"), name="bureau_path_form"),
            models.CheckConstraint(
                condition=Q(tier=Tier.PROVINCE, parent=None) | (~Q(tier=Tier.PROVINCE) & Q(parent__isnull=False)),
                name="bureau_only_province_is_root",
            ),
        ]
        # Held by a bureau's group, and by a person, on the bureau itself; given and taken by `institutions.grants` alone.
        permissions = [
            ("review_by_authorisation", "Reviews on the province's authorisation"),
            ("stand_in", "Stands in for the bureau's reviewers"),
        ]

    def __str__(self) -> str:
        return in_reader_language(self.name_zh, self.name_en)

    @property
    def short_name(self) -> str:
        """Without the words that every bureau shares: 鼓楼区, Gulou. For tables of bureaus and routes."""
        return in_reader_language(self.name_zh.removesuffix("市场监督管理局"), self.name_en.removesuffix(" AMR"))

    @property
    def level(self) -> int:
        """1 for the province, 2 below it, 3 for a county of a prefecture."""
        return (self.path or "").count("/")

    def contains(self, path: str) -> bool:
        return bool(self.path) and path.startswith(self.path or "")


class Region(models.Model):
    """A GB/T 2260 code with the years it was in force. An address, never a scope."""

    code = models.CharField(max_length=6)
    name_zh = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60, blank=True)
    level = models.CharField(max_length=12)
    parent_code = models.CharField(max_length=6, blank=True)
    from_year = models.PositiveSmallIntegerField(null=True, blank=True)
    to_year = models.PositiveSmallIntegerField(null=True, blank=True, help_text=_("First year no longer in force."))
    successor_code = models.CharField(max_length=6, blank=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["code", "from_year"], name="region_once", nulls_distinct=False),
            models.CheckConstraint(condition=Q(code__regex=r"^\d{6}$"), name="region_code_form"),
        ]

    def __str__(self) -> str:
        return in_reader_language(self.name_zh, self.name_en)


class Institution(models.Model):
    """A respondent legal entity; the database holds one per unified social credit code (N13)."""

    class Status(models.TextChoices):
        ACTIVE = "active", pgettext_lazy("institution", "Active")
        CLOSED = "closed", pgettext_lazy("institution", "Closed")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    uscc = models.CharField(_("unified social credit code"), max_length=18, unique=True)
    name = models.CharField(_("name"), max_length=200)
    home_bureau = models.ForeignKey(Bureau, on_delete=models.PROTECT, related_name="institutions")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    # Whom it was merged into; it stays closed, with everything it filed.
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged")
    region_code = models.CharField(_("region code"), max_length=6)
    address = models.CharField(_("address"), max_length=200, blank=True)
    unit_type = models.CharField(_("type of unit"), max_length=2, default="10")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACTIVE)
    contact_name = models.CharField(_("contact"), max_length=50, blank=True)
    contact_phone = models.CharField(_("telephone"), max_length=40, blank=True)
    contact_email = models.EmailField(_("e-mail"), blank=True, default="", db_default="")
    registered_on = models.DateField(null=True, blank=True)

    objects = InstitutionQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(uscc__regex=r"^[0-9A-HJ-NP-RTUWXY]{18}$"), name="institution_uscc_form"),
            models.CheckConstraint(condition=~Q(parent=models.F("id")), name="institution_not_own_parent"),
            models.CheckConstraint(
                condition=Q(merged_into=None) | (Q(status="closed") & ~Q(merged_into=models.F("id"))),
                name="institution_merged_is_closed",
            ),
        ]
        # Held by a person on the institution; given and taken by `institutions.grants` alone.
        permissions = [("inspect", "Reads what the institution submitted")]
        # For lists in their order, and for the public who name an institution in full.
        indexes = [models.Index(fields=["name", "id"], name="institution_name")]

    def __str__(self) -> str:
        return self.name


class Certificate(models.Model):
    """A row of the certificate register. Kinds, domains and states are codes of the scheme's option lists."""

    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="certificates")
    kind = models.CharField(max_length=10)
    number = models.CharField(max_length=40)
    name_on_certificate = models.CharField(max_length=200)
    issuer = models.CharField(max_length=100)
    issued_on = models.DateField()
    expires_on = models.DateField()
    status = models.CharField(max_length=2, default="1")
    domains = ArrayField(models.CharField(max_length=4), default=list, blank=True)

    class Meta:
        ordering = ["kind", "number"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "number"], name="certificate_once"),
            models.CheckConstraint(
                condition=Q(issued_on__lt=models.F("expires_on")), name="certificate_issued_before_expiry"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Site(models.Model):
    """A place where the institution works; exactly one is the main one."""

    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="sites")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=100)
    region_code = models.CharField(max_length=6)
    address = models.CharField(max_length=200)
    site_type = models.CharField(max_length=1, default="1")
    is_main = models.BooleanField(default=False)

    class Meta:
        ordering = ["institution", "number"]
        constraints = [
            models.UniqueConstraint(fields=["institution", "number"], name="site_number_once"),
            models.UniqueConstraint(fields=["institution"], condition=Q(is_main=True), name="site_one_main"),
        ]

    def __str__(self) -> str:
        return self.name


class User(AbstractBaseUser, PermissionsMixin):
    """An account of one person. `username` is stored in its compared form (NFKC, trimmed, casefolded)."""

    username = models.CharField(_("user name"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=50)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    language = models.CharField(max_length=10, choices=settings.LANGUAGES, default="zh-hans")
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)
    must_change_password = models.BooleanField(default=False)
    # Until when a first password given by somebody else opens the account; None: no limit.
    first_password_until = models.DateTimeField(null=True, blank=True)
    sessions_ended = models.PositiveIntegerField(default=0, help_text="Counts up to sign the account out everywhere.")
    date_joined = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    objects = UserManager()

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    @cached_property
    def current_memberships(self) -> list[Membership]:
        """In force, the oldest first; read once for each object, and with the account itself for a session's user."""
        held = list(Membership.objects.of_session(self.pk))
        for membership in held:
            membership.user = self
        return held

    def get_session_auth_hash(self) -> str:
        return self._session_hash(settings.SECRET_KEY)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        return (self._session_hash(secret) for secret in settings.SECRET_KEY_FALLBACKS)

    def _session_hash(self, secret: str | bytes) -> str:
        """A session is good for one password and one count of `sessions_ended`."""
        seal = f"{self.password}|{self.sessions_ended}"
        return salted_hmac("institutions.User.session", seal, secret=secret, algorithm="sha256").hexdigest()


_ADMIN_OR_WORK = models.Case(
    models.When(role__in=sorted(ADMIN_ROLES), then=models.F("role")),
    default=models.Value("work"),
    output_field=models.CharField(max_length=16),
)


class Membership(models.Model):
    """Ties a person and a role to one bureau or one institution. A person acts as one membership at a time.

    One with a `grant` is a stand-in's or an inspector's: in force on the days of the grant alone, and written by
    `institutions.grants`. An inspector works neither for a bureau nor for the institution they `inspect`, so that nothing
    that asks for either takes them for one of its people.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role.choices)
    bureau = models.ForeignKey(Bureau, null=True, blank=True, on_delete=models.PROTECT, related_name="memberships")
    institution = models.ForeignKey(
        Institution, null=True, blank=True, on_delete=models.PROTECT, related_name="memberships"
    )
    inspects = models.ForeignKey(
        Institution, null=True, blank=True, on_delete=models.PROTECT, related_name="inspectors"
    )
    grant = models.OneToOneField(Grant, null=True, blank=True, on_delete=models.PROTECT, related_name="membership")
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=INSTITUTION_ROLES, institution__isnull=False, bureau=None, inspects=None)
                | Q(role=Role.INSPECTOR, institution=None, bureau=None, inspects__isnull=False)
                | (
                    ~Q(role__in=[*sorted(INSTITUTION_ROLES), Role.INSPECTOR])
                    & Q(bureau__isnull=False, institution=None, inspects=None)
                ),
                name="membership_at_one_place",
            ),
            models.UniqueConstraint(
                fields=["user", "role", "bureau", "institution"],
                condition=Q(ended_at=None, grant=None),
                nulls_distinct=False,
                name="membership_once",
            ),
            models.CheckConstraint(
                condition=(Q(grant=None) & ~Q(role=Role.INSPECTOR))
                | Q(grant__isnull=False, role__in=[Role.INSPECTOR, Role.REVIEWER]),
                name="membership_of_grant",
            ),
            # 三员: the database refuses two administrator roles in one account.
            models.UniqueConstraint(
                fields=["user"], condition=Q(role__in=ADMIN_ROLES, ended_at=None), name="membership_one_admin_role"
            ),
            # … and one of them beside any other role: rows in force of one account are all work, or all the same role.
            ExclusionConstraint(
                name="membership_admin_alone",
                expressions=[("user", RangeOperators.EQUAL), (_ADMIN_OR_WORK, RangeOperators.NOT_EQUAL)],
                condition=Q(ended_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.who} · {self.get_role_display()} · {self.place}"

    @property
    def place(self) -> Bureau | Institution:
        place = self.bureau or self.institution or self.inspects
        assert place is not None, "membership_at_one_place"
        return place

    @property
    def who(self) -> str:
        """The person's name, marked for a stand-in; for everything that says who acted."""
        return named_stand_in(self.user) if self.stands_in else str(self.user)

    @property
    def role_words(self) -> str:
        """The role as its holder reads it, a stand-in's said to be one."""
        return pgettext("role", "Stand-in reviewer") if self.stands_in else self.get_role_display()

    @property
    def stands_in(self) -> bool:
        return self.grant_id is not None and self.bureau_id is not None

    @cached_property
    def granted(self) -> bool:
        """Whether the grant of a stand-in or inspector is in force; comes with a session's memberships, else one query."""
        return Grant.objects.in_force().filter(membership=self).exists()

    def may(self, permission: Permission) -> bool:
        in_force = self.ended_at is None and (self.grant_id is None or self.granted)
        return in_force and permission in PERMISSIONS[self.role]


from institutions.enrolment import models as _enrolment  # noqa: E402, F401 -- models of this app in their feature's folder
from institutions.enrolment import models_applying as _applying  # noqa: E402, F401 -- the same
from institutions.enrolment import models_contacts as _contacts  # noqa: E402, F401 -- the same
from institutions.enrolment import models_idle as _idle  # noqa: E402, F401 -- the same
from institutions.helplines import models as _helplines  # noqa: E402, F401 -- the same
from institutions.register import models as _register  # noqa: E402, F401 -- models of this app in their feature's folder
