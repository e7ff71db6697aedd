"""Answers as text for a person: sizes, times, paths, tables, and a view of each answer.

Views take the JSON object that the daemon sent and return text that ends without a line
break. All text from outside is escaped on its way in, so that no file name can give
orders to a terminal. The client loads this on every call: it imports nothing heavy.
"""
