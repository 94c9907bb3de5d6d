"""Undo what was just done, from the message that confirms it; rooms say how by `IUndo`."""
