"""The commands of `./mindlyfe`, one module each."""
