from django.apps import AppConfig


class FilingsConfig(AppConfig):
    name = "reports.filings"
    label = "filings"

    def ready(self) -> None:
        """Tell the register whom to ask for the words of certificates, and what its acts mean for filings."""
        from institutions.register import following, options
        from reports.filings.following import FilingsFollow
        from reports.filings.register_words import words

        options.register(words)
        following.register(FilingsFollow())
