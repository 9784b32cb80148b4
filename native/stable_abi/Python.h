// The part of CPython's stable ABI that the binding uses, in our own declarations.
//
// Building needs no Python headers then: Debian keeps them in a package that a machine
// without a compiler hardly ever has. Used where they are missing, and with zig, which
// does not look where Debian splits them to. A test holds every line of it against the
// real headers.
#pragma once

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#if !defined(Py_LIMITED_API) || Py_LIMITED_API + 0 != 0x030B0000
#error "these declarations are those of the stable ABI of Python 3.11"
#endif

extern "C" {

typedef ssize_t Py_ssize_t;
typedef struct _typeobject PyTypeObject;
typedef struct _ts PyThreadState;

typedef struct _object {
  Py_ssize_t ob_refcnt;
  PyTypeObject* ob_type;
} PyObject;
#define PyObject_HEAD PyObject ob_base;

typedef PyObject* (*PyCFunction)(PyObject*, PyObject*);
typedef PyObject* (*allocfunc)(PyTypeObject*, Py_ssize_t);
typedef void (*freefunc)(void*);
typedef int (*inquiry)(PyObject*);
typedef int (*visitproc)(PyObject*, void*);
typedef int (*traverseproc)(PyObject*, visitproc, void*);

typedef struct {
  void* buf;
  PyObject* obj;
  Py_ssize_t len;
  Py_ssize_t itemsize;
  int readonly;
  int ndim;
  char* format;
  Py_ssize_t* shape;
  Py_ssize_t* strides;
  Py_ssize_t* suboffsets;
  void* internal;
} Py_buffer;

typedef struct PyMethodDef {
  const char* ml_name;
  PyCFunction ml_meth;
  int ml_flags;
  const char* ml_doc;
} PyMethodDef;

typedef struct {
  int slot;
  void* pfunc;
} PyType_Slot;

typedef struct {
  const char* name;
  int basicsize;
  int itemsize;
  unsigned int flags;
  PyType_Slot* slots;
} PyType_Spec;

typedef struct PyModuleDef_Base {
  PyObject ob_base;
  PyObject* (*m_init)(void);
  Py_ssize_t m_index;
  PyObject* m_copy;
} PyModuleDef_Base;

typedef struct PyModuleDef_Slot {
  int slot;
  void* value;
} PyModuleDef_Slot;

typedef struct PyModuleDef {
  PyModuleDef_Base m_base;
  const char* m_name;
  const char* m_doc;
  Py_ssize_t m_size;
  PyMethodDef* m_methods;
  PyModuleDef_Slot* m_slots;
  traverseproc m_traverse;
  inquiry m_clear;
  freefunc m_free;
} PyModuleDef;
#define PyModuleDef_HEAD_INIT {{1, nullptr}, nullptr, 0, nullptr}

#define PH_CALL(result, name, arguments) result name arguments;
#include "calls.def"
#undef PH_CALL

extern PyObject _Py_NoneStruct;
extern PyObject* PyExc_BufferError;
extern PyObject* PyExc_IndexError;
extern PyObject* PyExc_MemoryError;
extern PyObject* PyExc_OverflowError;
extern PyObject* PyExc_RuntimeError;
extern PyObject* PyExc_TypeError;
extern PyObject* PyExc_ValueError;

}  // extern "C"

enum {
#define PH_CONSTANT(name, value) name = value,
#include "constants.def"
#undef PH_CONSTANT
};

#define PH_FIELD(type, field, offset) \
  static_assert(offsetof(type, field) == (offset), #type "." #field);
#define PH_SIZE(type, bytes) static_assert(sizeof(type) == (bytes), #type);
#include "layout.def"
#undef PH_FIELD
#undef PH_SIZE

#define PyMODINIT_FUNC extern "C" __attribute__((visibility("default"))) PyObject*
#define PyModule_Create(module) PyModule_Create2(module, PYTHON_ABI_VERSION)

#define Py_TYPE(object) (((PyObject*)(object))->ob_type)
#define Py_None (&_Py_NoneStruct)
#define Py_INCREF(object) Py_IncRef((PyObject*)(object))
#define Py_DECREF(object) Py_DecRef((PyObject*)(object))
#define Py_XDECREF(object) Py_DecRef((PyObject*)(object))  // takes null too
#define Py_CLEAR(object)               \
  do {                                 \
    PyObject* old = (PyObject*)object; \
    object = nullptr;                  \
    Py_XDECREF(old);                   \
  } while (0)
#define Py_RETURN_NONE return Py_IncRef(Py_None), Py_None

#define Py_BEGIN_ALLOW_THREADS \
  {                            \
    PyThreadState* _save = PyEval_SaveThread();
#define Py_END_ALLOW_THREADS   \
  PyEval_RestoreThread(_save); \
  }
