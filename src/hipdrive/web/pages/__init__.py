"""The pages of the app, a module each. Whoever imports one puts its pages into the app."""
