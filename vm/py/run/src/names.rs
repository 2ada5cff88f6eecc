//! Names that the VM itself looks up, interned once.

use crate::value::Value;

macro_rules! names {
    ($($field:ident $text:literal,)*) => {
        /// Interned strings.
        #[derive(Clone, Copy, Debug)]
        #[allow(dead_code, reason = "names for types and modules to come")]
        pub(crate) struct Names { $(pub(crate) $field: Value,)* }

        impl Names {
            pub(crate) fn new(mut intern: impl FnMut(&'static str) -> Value) -> Names {
                Names { $($field: intern($text),)* }
            }
        }
    };
}

names! {
    empty "", init "__init__", new "__new__", call "__call__", del "__del__", dict "__dict__",
    class "__class__", name "__name__", qualname "__qualname__", module "__module__", doc "__doc__",
    bases "__bases__", mro "__mro__", slots "__slots__", weakref "__weakref__",
    classcell "__classcell__", init_subclass "__init_subclass__", set_name "__set_name__",
    prepare "__prepare__", mro_entries "__mro_entries__", orig_bases "__orig_bases__",
    metaclass "metaclass", getattribute "__getattribute__", getattr "__getattr__",
    setattr "__setattr__", delattr "__delattr__", get "__get__", set "__set__", delete "__delete__",
    getitem "__getitem__", setitem "__setitem__", delitem "__delitem__", contains "__contains__",
    len "__len__", iter "__iter__", next "__next__", reversed "__reversed__",
    length_hint "__length_hint__", missing "__missing__", bool_ "__bool__", int_ "__int__",
    float_ "__float__", complex_ "__complex__", index "__index__", trunc "__trunc__",
    hash "__hash__", repr "__repr__", str "__str__", bytes "__bytes__", format "__format__",
    eq "__eq__", ne "__ne__", lt "__lt__", le "__le__", gt "__gt__", ge "__ge__",
    add "__add__", radd "__radd__", iadd "__iadd__", sub "__sub__", rsub "__rsub__",
    isub "__isub__", mul "__mul__", rmul "__rmul__", imul "__imul__", matmul "__matmul__",
    rmatmul "__rmatmul__", imatmul "__imatmul__", truediv "__truediv__", rtruediv "__rtruediv__",
    itruediv "__itruediv__", floordiv "__floordiv__", rfloordiv "__rfloordiv__",
    ifloordiv "__ifloordiv__", mod_ "__mod__", rmod "__rmod__", imod "__imod__", pow "__pow__",
    rpow "__rpow__", ipow "__ipow__", lshift "__lshift__", rlshift "__rlshift__",
    ilshift "__ilshift__", rshift "__rshift__", rrshift "__rrshift__", irshift "__irshift__",
    and "__and__", rand "__rand__", iand "__iand__", xor "__xor__", rxor "__rxor__",
    ixor "__ixor__", or "__or__", ror "__ror__", ior "__ior__", neg "__neg__", pos "__pos__",
    invert "__invert__", abs "__abs__", round "__round__", divmod "__divmod__",
    rdivmod "__rdivmod__", enter "__enter__", exit "__exit__", aenter "__aenter__",
    aexit "__aexit__", await_ "__await__", aiter "__aiter__", anext "__anext__",
    send "send", throw "throw", close "close", import "__import__", builtins "__builtins__",
    main "__main__", file "__file__", path "__path__", package "__package__", spec "__spec__",
    loader "__loader__", cached "__cached__", all "__all__", annotations "__annotations__",
    build_class "__build_class__", subclasscheck "__subclasscheck__",
    instancecheck "__instancecheck__", dir "__dir__", abstractmethods "__abstractmethods__",
    class_getitem "__class_getitem__", fspath "__fspath__", keys "keys", items "items",
    values "values", print "print", displayhook "displayhook", excepthook "excepthook",
    modules "modules", underscore "_", initializing "_initializing", sort "sort",
    isabstract "__isabstractmethod__", self_ "self", thisclass "__thisclass__",
    ceil "__ceil__", floor "__floor__", getinitargs "__getinitargs__", traceback "__traceback__",
    copy "copy", get_plain "get", write "write", flush "flush", stdout "stdout", stderr "stderr",
    stdin "stdin", readline "readline", path_plain "path", argv "argv", wrapped "__wrapped__",
}
