"""The prediction contracts, one a file, and the choice among them.

A handler has `form` (its name), `load()`, `answer(body, media, accept)` giving an Answer, and
`signature()` giving what is known of the model's inputs, or None. One that can answer several calls
by one prediction also has `answer_many(calls)`.
"""

from .. import user_code
from ..faults import LoadFault
from . import azure, predict, sagemaker, saved
from .answer import Answer

FORMS = {
    "sagemaker": sagemaker.Handler,
    "azure": azure.Handler,
    "predict": predict.Handler,
    "saved": saved.Handler,
}

__all__ = ["Answer", "choose"]


def choose(form, entry, model_dir):
    """The handler for the wanted form; `auto` looks at what the entry file defines."""
    if form.endswith("-function"):
        from .. import functions

        return functions.choose(form, model_dir)
    module = user_code.load(entry) if entry else None
    if form == "auto":
        form = _recognise(module, entry)
    if form not in FORMS:
        raise LoadFault("unknown handler form `%s`" % form)
    if module is None and form != "saved":
        raise LoadFault("the handler form `%s` needs an entry file" % form)
    return FORMS[form](module, model_dir)


def _recognise(module, entry):
    if module is None:
        return "saved"
    for form in ("sagemaker", "azure", "predict"):
        if FORMS[form].recognises(module):
            return form
    raise LoadFault(
        "`%s` defines no handler: write `predict(model, instances)`, or `init()` and `run(data)`, "
        "or SageMaker's `model_fn`, `input_fn`, `predict_fn`, `output_fn`" % entry
    )
