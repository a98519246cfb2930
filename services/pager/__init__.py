"""The pager: has the human been told?"""
