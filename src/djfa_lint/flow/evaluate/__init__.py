"""The evaluator: what the expressions of a body hold, what each row is asked for, and which queries run how often.

A body is read on its `ast`, its calls of other bodies are followed with what they are given. What cannot be traced is
None, and whoever gets it stays silent.
"""
