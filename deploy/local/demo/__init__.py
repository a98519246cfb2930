"""The demo: a town of invented people whose reports take the whole path, live in the terminal, judged from outside.

Its parts are separate processes that know only `.local/stack.json` and import nothing from the services.
"""
