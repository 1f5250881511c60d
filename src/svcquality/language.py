"""Two languages, one value: every word a reader sees exists in Chinese and English."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in Chinese and English; ``text["zh"]`` picks one."""

    zh: str
    en: str

    def __getitem__(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en

    def __add__(self, other: Text) -> Text:
        """Both, one behind the other, in each language."""
        return Text(self.zh + other.zh, self.en + other.en)

    def format(self, **values: object) -> Text:
        """Fill the placeholders; a value that is a `Text` goes in by language."""

        def fill(template: str, language: Language) -> str:
            return template.format(
                **{k: v[language] if isinstance(v, Text) else v for k, v in values.items()}
            )

        return Text(fill(self.zh, "zh"), fill(self.en, "en"))


def plain(word: str) -> Text:
    """A word that is the same in both languages (an identifier, a number)."""
    return Text(word, word)
