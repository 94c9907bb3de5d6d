"""Tables as people see them: columns by kind, filters, the part that somebody may see, and the SQL of these.

A package without a plug-in. What decides (`access`) and what reads (`explore`, the DataStore's actions) share it, so
that a filter means the same where it is granted and where it is asked.
"""
