"""Landmarks to clean, labelled motion: athlete, sides, gaps, filter, view, geometry; tables of landmarks."""

from hipdrive.motion.athlete import Chosen, choose_athlete
from hipdrive.motion.clean import clean_motion, smooth, tidy_motion
from hipdrive.motion.dataset import new_motion, read_landmarks, write_landmarks
from hipdrive.motion.sides import Sides
from hipdrive.motion.view import View, find_view

__all__ = [
    "Chosen",
    "Sides",
    "View",
    "choose_athlete",
    "clean_motion",
    "find_view",
    "new_motion",
    "read_landmarks",
    "smooth",
    "tidy_motion",
    "write_landmarks",
]
