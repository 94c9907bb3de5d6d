"""Pure rules of forms: what a workbook says, what an answer is worth, which row it becomes. No CKAN, no database."""
