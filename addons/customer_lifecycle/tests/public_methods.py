"""Which methods of ours anybody who is logged in can call over the network."""

import inspect
from copy import deepcopy

from odoo.service.model import call_kw


def public_methods(env, prefix):
    """Yield (model name, method name) of all public methods of some addons.

    Found in the classes themselves, so that a new method is in the test that asks.

    :param str prefix: what the names of the addons begin with
    """
    for name, registered in sorted(env.registry.items()):
        for method in sorted(_own_names(registered, f"odoo.addons.{prefix}")):
            yield name, method


def _own_names(registered, prefix):
    return {
        name
        for cls in registered.mro()
        if cls.__module__.startswith(prefix)
        for name, value in vars(cls).items()
        if _is_public(registered, name, value)
    }


def _is_public(registered, name, value):
    if name.startswith("_") or not inspect.isfunction(value):
        return False
    overridden = (vars(cls).get(name) for cls in registered.mro())
    return not any(getattr(method, "_api_private", False) for method in overridden)


def needs_ids(env, model, method):
    """Whether ``method`` is one of records, not of the model."""
    return not getattr(getattr(env.registry[model], method), "_api_model", False)


def call(env, model, method, ids, samples, context=None):
    """Call a method as the RPC dispatcher does.

    :param ids: of the records, if the method is one of records
    :param dict samples: arguments by name, for every parameter without a default
    """
    arguments = [
        deepcopy(samples[name])
        for name, parameter in inspect.signature(
            getattr(env.registry[model], method)
        ).parameters.items()
        if name != "self" and parameter.default is parameter.empty
    ]
    arguments = [ids, *arguments] if needs_ids(env, model, method) else arguments
    return call_kw(env[model], method, arguments, {"context": context or {}})
