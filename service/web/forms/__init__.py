"""A form of the content as a page: fields of WTForms to draw it, what was posted, and its conditions."""
