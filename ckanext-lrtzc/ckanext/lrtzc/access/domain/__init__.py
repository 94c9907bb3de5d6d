"""Pure rules of access: questions, verdicts, how they combine, and the rule of rights."""
