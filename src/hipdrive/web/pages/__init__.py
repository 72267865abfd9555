"""Pages of the app. They ask and show; what is known and what it means comes from diary, training and report."""
