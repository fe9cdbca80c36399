"""What a designer may ask for, the same on pages and by REST."""

LONGEST_TEXT = 10_000
LONGEST_THINK_S = 900
SHORTEST_ANSWER_S, LONGEST_ANSWER_S = 10, 1200
MOST_RETAKES = 9
LEAST_WEIGHT, MOST_WEIGHT = 0.1, 10
KINDS = ("behavioural", "situational", "knowledge", "text")
MODES = ("video", "audio", "text")
LOCALES = (
    ("en", "English"),
    ("de", "Deutsch"),
    ("es", "Español"),
    ("fr", "Français"),
    ("it", "Italiano"),
    ("nl", "Nederlands"),
    ("pl", "Polski"),
    ("pt", "Português"),
    ("sv", "Svenska"),
    ("tr", "Türkçe"),
    ("uk", "Українська"),
    ("ar", "العربية"),
    ("he", "עברית"),
    ("hi", "हिन्दी"),
    ("ja", "日本語"),
    ("zh", "中文"),
)
