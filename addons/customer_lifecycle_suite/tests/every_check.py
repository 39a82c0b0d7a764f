"""All checks of the dashboards' figures, for a short replay and for a year."""

from .club_checks import ClubChecks
from .feedback_checks import FeedbackChecks
from .journey_checks import JourneyChecks
from .lifecycle_checks import LifecycleChecks
from .offer_checks import OfferChecks
from .onboarding_checks import OnboardingChecks
from .year_checks import YearChecks


class EveryCheck(
    LifecycleChecks,
    JourneyChecks,
    OfferChecks,
    FeedbackChecks,
    OnboardingChecks,
    ClubChecks,
    YearChecks,
):
    """Expects what ``YearChecks`` does."""
