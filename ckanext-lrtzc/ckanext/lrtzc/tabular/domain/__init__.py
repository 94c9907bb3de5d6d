"""Pure rules of tables: columns, values, filters, parts."""
