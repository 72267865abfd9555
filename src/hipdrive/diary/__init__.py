"""The diary: where everything that happened is kept, on SQLite or PostgreSQL, and taken out of again.

`store` has the diary itself; `backup` copies a whole diary, `portable` gives an athlete everything in open formats.
"""

from hipdrive.diary.store import AthleteDiary, Diary

__all__ = ["AthleteDiary", "Diary"]
