"""Exercise ladder, self tests, programme, progression, pain and red flags, breaks from sitting.

All of it are pure functions of a `History`; where the history is kept is the business of the diary.
"""
