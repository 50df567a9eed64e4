"""The pages of this package: each part has its own, and all of them stand in one blueprint."""

from trainingapp.feedback import file_views
from trainingapp.feedback.blueprint import bp
from trainingapp.feedback.comments import comment_views
from trainingapp.feedback.comments import views as inbox_views
from trainingapp.feedback.promises import views as promise_views
from trainingapp.feedback.results import views as results_views
from trainingapp.feedback.results import voice_views
from trainingapp.feedback.themes import views as theme_views
from trainingapp.feedback.years import views as years_views

__all__ = [
    "bp",
    "comment_views",
    "file_views",
    "inbox_views",
    "promise_views",
    "results_views",
    "theme_views",
    "voice_views",
    "years_views",
]
