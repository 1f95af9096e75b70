from django.apps import AppConfig


class NumbersConfig(AppConfig):
    name = "reports.numbers"
    label = "numbers"

    def ready(self) -> None:
        from institutions.enrolment.idle import SIGNS_OF_LIFE
        from reports.filings import outside
        from reports.numbers import verbs  # noqa: F401 -- names its acts for the trail
        from reports.numbers.figures import facts_of_year
        from reports.numbers.tokens import used_since

        outside.register(facts_of_year)
        SIGNS_OF_LIFE.append(used_since)
