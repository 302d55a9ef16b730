"""Migrations. Each change of the schema is a pair: `pre` adds what new code needs and old code bears,
`post` takes away what only old code needed, once no old process runs. A first `pre` stands alone.
"""
