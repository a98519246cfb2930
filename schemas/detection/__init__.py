"""What people say when somebody is in danger, in four languages: words and rules as validated data, read once."""

from schemas.detection.language import Language, Rule
from schemas.detection.loading import FOLDER, LANGUAGES, DetectionError, load

__all__ = ["FOLDER", "LANGUAGES", "DetectionError", "Language", "Rule", "load"]
