"""Pages and API: turns requests into commands of `service.usecases`, and rows of reads into pages."""
