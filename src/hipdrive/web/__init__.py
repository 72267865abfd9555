"""The app: what the command line does, in a browser on this machine, and for programs under ``/api/v1``.

No logic of its own: the same road and the same diary underneath. Nothing here is loaded before it is used.
"""
