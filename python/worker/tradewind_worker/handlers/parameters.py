"""How many positional arguments a function of the user takes."""

import inspect


def count(function):
    """The number of positional parameters; 0 when the function cannot be inspected."""
    return len(names(function))


def names(function):
    """The names of the positional parameters."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [parameter.name for parameter in parameters if parameter.kind in kinds]
