"""The router: which pillars does this household get, by when, and what if nobody moves?"""
