"""The numbered versions of data: what each brought, how to cite it, two compared, and former ones read again."""
