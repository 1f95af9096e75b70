from django.apps import AppConfig


class FilingsConfig(AppConfig):
    name = "reports.filings"
    label = "filings"

    def ready(self) -> None:
        """Tell the register whom to ask for the words of certificates."""
        from institutions.register import options
        from reports.filings.register_words import words

        options.register(words)
