"""Forms that feed a dataset: their definition is XLSForm, each answer is a batch of the dataset's collecting."""
