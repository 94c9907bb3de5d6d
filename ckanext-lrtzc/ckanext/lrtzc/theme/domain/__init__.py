"""Pure rules of the pages: how dates, numbers and licences are said, and how the territory is drawn."""
