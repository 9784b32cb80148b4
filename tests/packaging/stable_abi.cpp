// Our declarations of the stable ABI against Python's own: compiled, never run.
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <stddef.h>

template <class A, class B>
struct Same {
  static const bool value = false;
};
template <class A>
struct Same<A, A> {
  static const bool value = true;
};

#define PH_CALL(result, name, arguments) \
  static_assert(Same<decltype(&name), result(*) arguments>::value, #name);
#define PH_CONSTANT(name, number) static_assert((name) == (number), #name);
#define PH_FIELD(type, field, offset) \
  static_assert(offsetof(type, field) == (offset), #type "." #field);
#define PH_SIZE(type, bytes) static_assert(sizeof(type) == (bytes), #type);

#include "calls.def"
#include "constants.def"
#include "layout.def"

#ifdef PH_WRONG  // one line that must be refused
PH_WRONG
#endif
