"""The allow-list: what files may name, and what they may not."""

from __future__ import annotations

import threading

import pytest

from pronghorn import registry
from pronghorn.errors import ArgumentError


@pytest.fixture(autouse=True)
def clean_registry(monkeypatch):
    """Each test starts from a copy, so that none leaves names behind."""
    for table in ("_BY_NAME", "_NAME_OF", "_CUSTOM", "_CUSTOM_NAME_OF"):
        monkeypatch.setattr(registry, table, dict(getattr(registry, table)))


def test_keras_class_is_found_both_ways():
    @registry.keras_class("keras.layers", name="Thing", aliases=("keras.old",))
    class Thing:
        pass

    assert registry.find_class("keras.layers", "Thing") is Thing
    assert registry.find_class("keras.old", "Thing") is Thing
    assert registry.keras_name(Thing) == ("keras.layers", "Thing")
    assert "Thing" in registry.known_names("keras.layers")


def test_subclass_does_not_inherit_the_name():
    @registry.keras_class("keras.layers")
    class Base:
        pass

    class Derived(Base):
        pass

    assert registry.keras_name(Derived) is None


@pytest.mark.parametrize(
    ("module", "name"),
    [("os", "system"), ("builtins", "eval"), ("keras.layers", "eval"), (None, "x")],
)
def test_nothing_is_imported_by_name(module, name):
    assert registry.find_class(module, name) is None
    assert registry.find_function(module, name) is None


def test_two_classes_of_one_name_clash():
    registry.keras_class("keras.layers", name="Clash")(dict)
    with pytest.raises(ArgumentError, match="Clash") as caught:
        registry.keras_class("keras.layers", name="Clash")(list)
    assert "builtins" in caught.value.received


def test_a_reloaded_module_may_define_its_class_again():
    def define():
        @registry.keras_class("keras.layers", name="Again")
        class Again:
            pass

        return Again

    define()
    second = define()
    assert registry.find_class("keras.layers", "Again") is second


def test_functions_are_found_by_keras_module_or_by_builtins():
    @registry.keras_class("keras.activations")
    def a_function_of_this_test(x):
        return x

    name = a_function_of_this_test.__name__
    assert registry.find_function("builtins", name) is a_function_of_this_test
    assert registry.find_function("keras.activations", name) is a_function_of_this_test
    assert registry.find_function("keras.losses", name) is None


def test_registered_names():
    @registry.register_keras_serializable("pack", "Renamed")
    class Mine:
        def get_config(self):
            return {}

    assert registry.get_registered_name(Mine) == "pack>Renamed"
    assert registry.get_registered_object("pack>Renamed") is Mine
    assert registry.get_registered_object(None) is None
    assert registry.get_custom_objects()["pack>Renamed"] is Mine


def test_a_class_without_get_config_is_refused():
    with pytest.raises(ArgumentError, match="cannot be registered") as caught:
        registry.register_keras_serializable()(type("Plain", (), {}))
    assert "get_config" in caught.value.expected


def test_unhashable_objects_have_their_class_name():
    assert registry.get_registered_name([1]) == "list"
    assert registry.keras_name([1]) is None


def test_scope_comes_before_registered_before_custom_objects():
    registry.get_custom_objects()["n"] = "registered"
    assert registry.get_registered_object("n", {"n": "passed"}) == "registered"
    with registry.custom_object_scope({"n": "scoped"}):
        assert registry.get_registered_object("n", {"n": "passed"}) == "scoped"
    del registry.get_custom_objects()["n"]
    assert registry.get_registered_object("n", {"n": "passed"}) == "passed"
    assert registry.get_registered_object("n", None, {"n": "module"}) == "module"


def test_scopes_nest_and_end_after_an_error():
    with registry.CustomObjectScope({"a": 1}):
        with pytest.raises(KeyError), registry.CustomObjectScope({"b": 2}):
            assert registry.scoped_objects() == {"b": 2}
            raise KeyError
        assert registry.scoped_objects() == {"a": 1}
    assert registry.scoped_objects() == {}


def test_a_scope_holds_for_its_own_thread_only():
    seen = []
    with registry.CustomObjectScope({"a": 1}):
        thread = threading.Thread(target=lambda: seen.append(registry.scoped_objects()))
        thread.start()
        thread.join()
    assert seen == [{}]
