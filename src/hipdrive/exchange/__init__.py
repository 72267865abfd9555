"""What goes out to and comes in from where the runner already looks: calendar, watch, inbox, files of runs."""
