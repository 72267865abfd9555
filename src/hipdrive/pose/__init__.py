"""Frames to landmarks: detector, landmark network, tracking, keypoint names, weights."""

from hipdrive.pose.estimate import QUALITIES, People, Person, estimate_pose
from hipdrive.pose.keypoints import BONES, KEYPOINTS

__all__ = ["BONES", "KEYPOINTS", "QUALITIES", "People", "Person", "estimate_pose"]
