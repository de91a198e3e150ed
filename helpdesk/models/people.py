"""People and the organizations they write for."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _


class Organization(models.Model):
    """A business customer. Its requesters may see each other's tickets if it shares them."""

    name = models.CharField(_("name"), max_length=150, unique=True)
    # Requesters with this e-mail domain are offered as members; nobody joins by themselves.
    domain = models.CharField(_("e-mail domain"), max_length=150, blank=True)
    shares_tickets = models.BooleanField(_("members see each other's tickets"), default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").lower())

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A user with a normalised address; without a password they cannot log in with one."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.is_staff = user.role != User.Role.REQUESTER
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        fields |= {"role": User.Role.ADMIN, "is_superuser": True}
        return self.create_user(email, password, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """Anybody who logs in or writes in; what they may do follows from their role."""

    class Role(models.TextChoices):
        REQUESTER = "requester", _("Requester")
        AGENT = "agent", _("Agent")
        ADMIN = "admin", _("Admin")

    class EditorialRole(models.TextChoices):
        """What an agent may do to articles; an admin may do all of it."""

        CONTRIBUTOR = "contributor", _("Contributor: writes, asks for reviews")
        REVIEWER = "reviewer", _("Reviewer: also approves and sends back")
        PUBLISHER = "publisher", _("Publisher: also publishes and archives")

    email = models.EmailField(_("e-mail address"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.REQUESTER)
    editorial_role = models.CharField(
        _("in the knowledge base"),
        max_length=12,
        choices=EditorialRole,
        blank=True,
        help_text=_("For agents. Without one they read articles; admins may do everything."),
    )
    language = models.CharField(_("language"), max_length=15, blank=True)
    organization = models.ForeignKey(
        Organization, models.SET_NULL, related_name="members", null=True, blank=True
    )
    wants_editorial_mail = models.BooleanField(
        _("wants mail about articles"),
        default=True,
        help_text=_("Of staff: reviews of articles, and articles that are due for a look."),
    )
    # May open the admin site. Follows from the role; the database holds the two together.
    is_staff = models.BooleanField(default=False, editable=False)
    is_active = models.BooleanField(_("active"), default=True)
    # Since when the shop's models may not be trained on what they wrote; see services/learning.
    objected_to_training_at = models.DateTimeField(
        _("objected to training"), null=True, blank=True, editable=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["email"]
        constraints = [
            models.CheckConstraint(
                name="user_email_is_lower_case", condition=Q(email=Lower("email"))
            ),
            models.CheckConstraint(
                name="user_staff_iff_agent_or_admin",
                condition=Q(role="requester", is_staff=False)
                | Q(role__in=["agent", "admin"], is_staff=True),
            ),
            models.CheckConstraint(
                name="user_editorial_role_is_of_an_agent",
                condition=Q(editorial_role="")
                | Q(role="agent", editorial_role__in=["contributor", "reviewer", "publisher"]),
            ),
            models.CheckConstraint(
                name="user_superuser_is_admin", condition=Q(is_superuser=False) | Q(role="admin")
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_agent(self) -> bool:
        """May answer tickets: agents, and admins too."""
        return self.is_active and self.role in {self.Role.AGENT, self.Role.ADMIN}

    @property
    def is_admin(self) -> bool:
        return self.is_active and self.role == self.Role.ADMIN

    @cached_property
    def reader_group_ids(self) -> tuple[int, ...]:
        """Of the groups of readers that they are in; who has left is in none.

        One query for each person, or none where `reader_groups` was prefetched.
        """
        if not self.is_active:
            return ()
        return tuple(sorted(group.pk for group in self.reader_groups.all()))

    @property
    def first_name(self) -> str:
        return self.name.split(" ", 1)[0] if self.name else ""

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return self.first_name or self.email
