"""The room `lrtzc_following`: people follow objects, and are told by e-mail or by a feed what becomes of them.

Who follows what stands in CKAN's own table. Each change of an object is written in the transaction that makes it
(`watch`); a job hands it to those who follow (`telling`), who are asked again then whether they may see it.
"""
