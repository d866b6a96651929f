"""The Python side of an endpoint: loads user code and a model once, then answers framed requests.

Only the standard library is needed. numpy, joblib and pandas are used when the environment that
runs the worker has them.
"""
